"""A Kustomization removes what left Git and knows whether what it applied is healthy."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import KUSTOMIZATION


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Prune is on, health is checked, and waiting has an end."""
    spec = resource["spec"]
    if spec["prune"].missing or spec["prune"].flag() is False:
        yield spec["prune"].finding(f"{spec['prune']} leaves removed objects running; write true")
    watched = spec["wait"], spec["healthChecks"]
    known = not any(place.unknown for place in watched)
    if known and spec["wait"].flag() is not True and not spec["healthChecks"].items():
        yield spec["wait"].finding("health is not checked; write true, or list healthChecks")
    if spec["timeout"].missing:
        yield spec["timeout"].finding("not set, so it is as long as the interval; write one")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        kinds=(KUSTOMIZATION,),
        validations=(
            Validation("object.spec.prune == true", "spec.prune must be true"),
            Validation(
                "(has(object.spec.wait) && object.spec.wait) || (has(object.spec.healthChecks)"
                " && object.spec.healthChecks.size() > 0)",
                "spec.wait must be true, or spec.healthChecks must list objects",
            ),
        ),
    )


RULE = ResourceRule(
    id="flux-prune-and-health",
    severity=HIGH,
    summary="Every Kustomization prunes, checks health and has a timeout.",
    reason="Without prune what was deleted in Git keeps running, unseen. Without health checks a "
    "Kustomization is Ready while its pods crash, and dependants start on top of them.",
    fix="Set prune: true, wait: true (or healthChecks) and timeout.",
    kinds=(KUSTOMIZATION,),
    check=check,
    admission=admission,
    example="""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: brisa-production, namespace: flux-system}
spec:
  interval: 5m0s
  path: infra/gitops
  prune: true
  wait: true
  timeout: 3m0s
  sourceRef: {kind: GitRepository, name: brisa-infrastructure}
""",
)
