"""Objects are written in the API version that the cluster stores."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule
from vocabulary.kinds import (
    ALERT,
    AUTHORIZATION_POLICY,
    CRON_JOB,
    GIT_REPOSITORY,
    KUSTOMIZATION,
    TELEMETRY,
    VIRTUAL_SERVICE,
)

CURRENT = {
    kind.group: kind.api_version
    for kind in (
        VIRTUAL_SERVICE,
        AUTHORIZATION_POLICY,
        TELEMETRY,
        GIT_REPOSITORY,
        KUSTOMIZATION,
        CRON_JOB,
    )
}
CURRENT["helm.toolkit.fluxcd.io"] = "helm.toolkit.fluxcd.io/v2"
CURRENT["networking.k8s.io"] = "networking.k8s.io/v1"
CURRENT["admissionregistration.k8s.io"] = "admissionregistration.k8s.io/v1"
# Kinds of these groups that have no other version yet.
BEHIND = {"EnvoyFilter", "ProxyConfig"}


class Config(RuleConfig):
    """Versions that depend on what is installed."""

    notification: tuple[str, ...] = (ALERT.api_version, "notification.toolkit.fluxcd.io/v1")
    """API versions of Flux's notification kinds: v1beta3 up to Flux 2.9, v1 from 2.10 on."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Compare with the current version of the group."""
    version = resource.api_version
    group = version.rpartition("/")[0]
    if group == ALERT.group:
        allowed: tuple[str, ...] = config.notification
        if resource.kind == "Receiver":
            allowed = ("notification.toolkit.fluxcd.io/v1",)
    else:
        allowed = (CURRENT.get(group, version),)
    if version not in allowed and resource.kind not in BEHIND:
        yield resource["apiVersion"].finding(
            f"{version} is outdated for {resource.kind}; use {' or '.join(allowed)}"
        )


RULE = ResourceRule(
    id="platform-current-apis",
    severity=MEDIUM,
    summary="Objects use the current API version of their group.",
    reason="Old versions are still served and silently converted: the object read back differs "
    "from the one written, and one upgrade later it is refused.",
    fix="Take apiVersion from vocabulary/kinds.py.",
    config=Config,
    check=check,
    example="""\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec: {hosts: [api.brisa.svc.cluster.local]}
""",
)
