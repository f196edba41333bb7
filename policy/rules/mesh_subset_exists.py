"""Every subset that a route or mirror sends to is defined where proxies look for it."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import mentions, rules_for
from policy.resources import Stack
from policy.rule import CRITICAL, StackRule
from vocabulary.kinds import DESTINATION_RULE, VIRTUAL_SERVICE


def check(stack: Stack, _: RuleConfig) -> Iterator[Finding]:
    """Compare the routes' subsets with those of the DestinationRules for the host."""
    for destination in mentions(stack):
        subset = destination.place["subset"].text()
        if subset is None:
            continue
        named = [
            entry["name"]
            for rule in rules_for(stack, destination.host)
            for entry in rule["spec"]["subsets"].items()
        ]
        known = sorted({name for entry in named if (name := entry.text()) is not None})
        if subset not in known and not stack.unclear(DESTINATION_RULE):
            yield destination.place["subset"].finding(
                f"no DestinationRule for {destination.host} in namespace {destination.namespace} "
                f"has a subset {subset} (it has: {', '.join(known) or 'none'}); add it there first"
            )


RULE = StackRule(
    id="mesh-subset-exists",
    severity=CRITICAL,
    summary="Every subset that is routed or mirrored to exists in a DestinationRule of the "
    "service's namespace.",
    reason="A route to a subset that no DestinationRule defines answers every request with 503.",
    fix="Define the subset in the DestinationRule of the host, in the service's own namespace. "
    "When a subset goes, take it out of the routes first and out of the rule one `up` later.",
    kinds=(VIRTUAL_SERVICE, DESTINATION_RULE),
    check=check,
    example="""\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: brisa}
spec:
  host: api.brisa.svc.cluster.local
  subsets:
    - {name: stable, labels: {version: stable}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec:
  hosts: [api.brisa.svc.cluster.local]
  http:
    - route:
        - destination: {host: api.brisa.svc.cluster.local, subset: stable}
""",
)
