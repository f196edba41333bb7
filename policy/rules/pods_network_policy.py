"""Pods of the stack talk only to whom they must."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS
from policy.resources import Stack
from policy.rule import HIGH, StackRule
from vocabulary.kinds import NETWORK_POLICY

DIRECTIONS = ("Ingress", "Egress")


def check(stack: Stack, _: RuleConfig) -> Iterator[Finding]:
    """Every namespace with a workload has policies for both directions."""
    covered: dict[str | None, set[str]] = {}
    for policy in stack.of(NETWORK_POLICY):
        covered.setdefault(policy.namespace, set()).update(policy["spec"]["policyTypes"].texts())
    for workload in stack.of(*WORKLOADS):
        place = workload["metadata"]["namespace"]
        missing = [d for d in DIRECTIONS if d not in covered.get(place.text(), ())]
        if missing and not place.unknown and not stack.unclear(NETWORK_POLICY):
            yield place.finding(
                f"no NetworkPolicy in namespace {place.text()} limits {' or '.join(missing)}; add "
                "one that names the direction in policyTypes"
            )


RULE = StackRule(
    id="pods-network-policy",
    severity=HIGH,
    summary="Every namespace with pods of the stack has network policies for both directions.",
    reason="Without one a pod may be reached by, and may reach, everything in the cluster and "
    "outside: stolen data has a way out.",
    fix="Add a NetworkPolicy with policyTypes [Ingress, Egress] that opens only what is needed.",
    kinds=(*WORKLOADS, NETWORK_POLICY),
    check=check,
    example="""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: anomaly-detector, namespace: anomaly-detection}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  egress:
    - ports: [{port: 53, protocol: UDP}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: anomaly-detector, namespace: anomaly-detection}
spec: {schedule: "*/10 * * * *"}
""",
)
