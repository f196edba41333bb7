"""Every host that is routed to has a circuit breaker."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import destinations, rules_for
from policy.resources import Stack
from policy.rule import HIGH, StackRule
from vocabulary.kinds import DESTINATION_RULE, VIRTUAL_SERVICE

COUNTERS = ("consecutive5xxErrors", "consecutiveGatewayErrors")


def check(stack: Stack, _: RuleConfig) -> Iterator[Finding]:
    """Some DestinationRule of each routed host ejects pods that fail."""
    seen = set()
    for destination in destinations(stack):
        if destination.namespace is None or destination.host in seen:
            continue
        seen.add(destination.host)
        detections = [
            rule["spec"]["trafficPolicy"]["outlierDetection"]
            for rule in rules_for(stack, destination.host)
        ]
        counters = [detection[name] for detection in detections for name in COUNTERS]
        off = all(counter.absent or counter.number() == 0 for counter in counters)
        if off and not stack.unclear(DESTINATION_RULE):
            yield destination.place["host"].finding(
                f"no DestinationRule for {destination.host} in namespace {destination.namespace} "
                f"counts errors; set trafficPolicy.outlierDetection.{COUNTERS[0]}"
            )


RULE = StackRule(
    id="mesh-breaker-present",
    severity=HIGH,
    summary="Every routed service has outlier detection that counts errors.",
    reason="Without it requests keep going to a pod that answers nothing but errors, and retries "
    "make it worse. Istio has none unless it is written.",
    fix="Set trafficPolicy.outlierDetection in the DestinationRule of the host, in the service's "
    "own namespace.",
    kinds=(VIRTUAL_SERVICE, DESTINATION_RULE),
    check=check,
    example="""\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: brisa}
spec:
  host: api.brisa.svc.cluster.local
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 5, interval: 30s, baseEjectionTime: 30s}
---
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
