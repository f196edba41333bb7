"""Every meshed namespace is under STRICT mutual TLS."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import meshed_namespaces, strict_namespaces
from policy.resources import Stack
from policy.rule import CRITICAL, StackRule
from vocabulary.kinds import NAMESPACE, PEER_AUTHENTICATION


class Config(RuleConfig):
    """Where mesh-wide policy lives."""

    root_namespace: str = "istio-system"
    """Istio's root namespace; a PeerAuthentication there holds for the whole mesh."""


def check(stack: Stack, config: Config) -> Iterator[Finding]:
    """A namespace with sidecars has a STRICT PeerAuthentication, its own or the mesh's."""
    whole_mesh, strict = strict_namespaces(stack, config.root_namespace)
    for namespace in meshed_namespaces(stack):
        name = namespace.object_name
        unclear = name is None or stack.unclear(PEER_AUTHENTICATION)
        if not whole_mesh and name not in strict and not unclear:
            yield namespace["metadata"]["name"].finding(
                f"namespace {name} has sidecars but no STRICT PeerAuthentication without a "
                f"selector, neither its own nor one in {config.root_namespace}; add one"
            )


RULE = StackRule(
    id="mesh-mtls-present",
    severity=CRITICAL,
    summary="Every namespace with sidecars is under STRICT mutual TLS.",
    reason="Without a PeerAuthentication Istio's default is PERMISSIVE: everything looks encrypted "
    "and plain text is still accepted.",
    fix="Add a PeerAuthentication with mode STRICT and no selector to the namespace, or one to the "
    "root namespace for the whole mesh.",
    kinds=(NAMESPACE, PEER_AUTHENTICATION),
    config=Config,
    subject=NAMESPACE,
    check=check,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default-mtls, namespace: brisa}
spec:
  mtls: {mode: STRICT}
""",
)
