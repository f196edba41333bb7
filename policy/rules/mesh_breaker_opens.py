"""A circuit breaker that is declared can open, on every port and at the declared replicas."""

from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import traffic_policies
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import DESTINATION_RULE
from vocabulary.labels import REPLICAS

ALL = 100
DEFAULT_EJECTION = 10
"""Istio's own `maxEjectionPercent`."""


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Settings of ports keep the breaker, and one pod is within the share that may be ejected."""
    policy = resource["spec"]["trafficPolicy"]
    if not policy["outlierDetection"].absent:
        yield from _dropped(policy)
        if _is_off(policy["outlierDetection"]):
            yield policy["outlierDetection"].finding("0 errors never eject a pod; write 1 or more")
    replicas = _replicas(resource)
    if replicas is None or replicas == 1:  # there is no other pod to send requests to
        return
    for each in traffic_policies(resource):
        detection = each["outlierDetection"]
        if not detection.missing and not detection.unknown:
            yield from _never_opens(detection, replicas)


def _dropped(policy: Field) -> Iterator[Finding]:
    for port in policy["portLevelSettings"].items():
        if port["outlierDetection"].absent:
            yield port.finding(
                "has no outlierDetection, and what a port sets replaces all that is set for the "
                "host: requests to this port have no circuit breaker; repeat it here"
            )


def _replicas(resource: Resource) -> int | None:
    """How many pods the service has, as the annotation says; None where it says nothing."""
    annotation = resource["metadata"]["annotations"][REPLICAS].text() or ""
    count = annotation.rpartition("=")[2]
    return int(count) if count.isdecimal() else None


def _is_off(detection: Field) -> bool:
    """Whether no number of errors ejects a pod; Istio counts five where nothing is said."""
    keys = ("consecutive5xxErrors", "consecutiveGatewayErrors", "consecutiveLocalOriginFailures")
    return detection[keys[0]].number() == 0 and not any(
        detection[key].unknown or detection[key].number() for key in keys[1:]
    )


def _never_opens(detection: Field, replicas: int) -> Iterator[Finding]:
    most = detection["maxEjectionPercent"]
    percent = most.number()
    if percent is None:
        if most.unknown:
            return
        percent = DEFAULT_EJECTION
    if replicas * percent < ALL:
        yield most.finding(
            f"{percent:g} % of {replicas} pods is less than one, so none is ever ejected; write "
            f"{-(-ALL // replicas)} or more"
        )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server, of the host's own policy."""
    policy = "object.spec.trafficPolicy"
    detection = f"{policy}.outlierDetection"
    has_breaker = f"has({policy}) && has({detection})"
    most = f"(has({detection}.maxEjectionPercent) ? {detection}.maxEjectionPercent : 10)"
    annotation = f"object.metadata.annotations[{quoted(REPLICAS)}]"
    yield Check(
        kinds=(DESTINATION_RULE,),
        variables={
            "replicas": f"has(object.metadata.annotations) && {quoted(REPLICAS)} in "
            f"object.metadata.annotations && {annotation}.matches('^[^=]+=[0-9]+$') ? "
            f"int({annotation}.split('=')[1]) : 1",
        },
        validations=(
            Validation(
                f"!({has_breaker}) || !has({policy}.portLevelSettings) ||"
                f" {policy}.portLevelSettings.all(p, has(p.outlierDetection))",
                "settings of a port replace those of the host: repeat outlierDetection in each of "
                "portLevelSettings",
            ),
            Validation(
                f"!({has_breaker}) || !has({detection}.consecutive5xxErrors)"
                f" || {detection}.consecutive5xxErrors > 0"
                f" || (has({detection}.consecutiveGatewayErrors)"
                f" && {detection}.consecutiveGatewayErrors > 0)",
                "0 errors never eject a pod: consecutive5xxErrors must be 1 or more",
            ),
            Validation(
                f"!({has_breaker}) || variables.replicas == 1 ||"
                f" variables.replicas * {most} >= {ALL}",
                "maxEjectionPercent of the declared replicas is less than one pod, so the circuit "
                "breaker never opens; raise it",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-breaker-opens",
    severity=HIGH,
    summary="A circuit breaker can open: at the declared replicas, and on every port.",
    reason="A share of less than one pod ejects none, and settings of a port replace all that the "
    "host has, its breaker too: it looks like one, and requests keep going to a failing pod.",
    fix="Raise maxEjectionPercent until it is one pod at least; repeat outlierDetection in "
    "portLevelSettings.",
    kinds=(DESTINATION_RULE,),
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: api
  namespace: brisa
  annotations: {platform.brisa/replicas: api=3}
spec:
  host: api.brisa.svc.cluster.local
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 5, maxEjectionPercent: 50}
    portLevelSettings:
      - port: {number: 8080}
        outlierDetection: {consecutive5xxErrors: 5, maxEjectionPercent: 50}
""",
)
