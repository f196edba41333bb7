"""Nobody commits a pause."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule
from policy.rules.flux_interval import KINDS
from vocabulary.kinds import ALERT, ALERT_PROVIDER


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """`spec.suspend` is not true."""
    suspend = resource["spec"]["suspend"]
    if suspend.flag():
        yield suspend.finding("true stops GitOps until the next commit; suspend by hand instead")


RULE = ResourceRule(
    id="flux-not-suspended",
    severity=MEDIUM,
    summary="No Flux object is suspended by the stack.",
    reason="Suspending is for people, for an hour, during an incident. Written into the stack it "
    "stays, drift goes unhealed, and everything looks green.",
    fix="Remove spec.suspend; use `flux suspend` and `flux resume`, which the stack leaves alone.",
    kinds=(*KINDS, ALERT, ALERT_PROVIDER),
    check=check,
    example="""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: brisa-production, namespace: flux-system}
spec: {interval: 5m0s, path: infra/gitops, prune: true}
""",
)
