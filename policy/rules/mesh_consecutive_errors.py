"""The circuit breaker uses a field that istiod still reads."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import traffic_policies
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import DESTINATION_RULE

ERRORS = "consecutiveErrors"
USE = "use consecutive5xxErrors or consecutiveGatewayErrors"


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No traffic policy, at whatever level, counts `consecutiveErrors`."""
    for policy in traffic_policies(resource):
        place = policy["outlierDetection"][ERRORS]
        if not place.missing and not place.unknown:
            yield place.finding(f"{ERRORS} has no effect any more; {USE}")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    outdated = f"has(p.outlierDetection) && has(p.outlierDetection.{ERRORS})"

    def clean(policy: str) -> str:
        detection = f"{policy}.outlierDetection"
        ports = f"{policy}.portLevelSettings"
        return (
            f"!(has({detection}) && has({detection}.{ERRORS}))"
            f" && !(has({ports}) && {ports}.exists(p, {outdated}))"
        )

    top = "object.spec.trafficPolicy"
    message = f"outlierDetection.{ERRORS} has no effect any more; {USE}"
    yield Check(
        kinds=(DESTINATION_RULE,),
        validations=(
            Validation(f"!has({top}) || ({clean(top)})", message),
            Validation(
                "!has(object.spec.subsets) || object.spec.subsets.all(s,"
                f" !has(s.trafficPolicy) || ({clean('s.trafficPolicy')}))",
                message,
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-consecutive-errors",
    severity=HIGH,
    summary="outlierDetection does not use consecutiveErrors.",
    reason="The CRD still accepts the field and istiod generates nothing from it: the circuit "
    "breaker looks applied and never opens.",
    fix="Use consecutive5xxErrors (all server errors) or consecutiveGatewayErrors (502, 503, 504).",
    kinds=(DESTINATION_RULE,),
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: brisa}
spec:
  host: api.brisa.svc.cluster.local
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 5, interval: 30s, baseEjectionTime: 30s}
""",
)
