"""Faults are injected by experiments, which end."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import VIRTUAL_SERVICE


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No route aborts or delays requests."""
    for route in resource["spec"]["http"].items():
        for kind in ("abort", "delay"):
            fault = route["fault"][kind]
            if not fault.unknown and not fault.missing:
                yield fault.finding(
                    "it lasts until somebody takes it out; declare an experiment, which has a "
                    "duration, a window and a check that stops it"
                )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        kinds=(VIRTUAL_SERVICE,),
        validations=(
            Validation(
                "!has(object.spec.http) || object.spec.http.all(r, !has(r.fault)"
                " || (!has(r.fault.abort) && !has(r.fault.delay)))",
                "a fault of a route has no end; declare an experiment",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-no-lasting-fault",
    severity=HIGH,
    summary="No route injects faults.",
    reason="A fault in a VirtualService has no duration and no schedule, no window and no abort: "
    "who forgets it has made an outage that looks like the service's own.",
    fix="Declare an experiment in chaos.schedules or chaos.workflows, or let one caller suffer for "
    "a while: `ops chaos mesh-fault`.",
    kinds=(VIRTUAL_SERVICE,),
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec:
  hosts: [api.brisa.svc.cluster.local]
  http:
    - route:
        - destination: {host: api.brisa.svc.cluster.local}
""",
)
