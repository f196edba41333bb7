"""Mutual TLS is not weakened: mesh-wide, per namespace, per workload, per port."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import PEER_AUTHENTICATION

STRICT = "STRICT"


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """The mode must be STRICT wherever one stands, and one must stand."""
    mtls = resource["spec"]["mtls"]
    ports = [entry["mode"] for _, entry in resource["spec"]["portLevelMtls"].entries()]
    for mode in (mtls["mode"], *ports):
        if mode.missing:
            yield mode.finding("no mode is set, so it depends on others; write mode: STRICT")
        elif (text := mode.text()) is not None and text != STRICT:
            yield mode.finding(f"{mode} lets plain text in; write STRICT")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        kinds=(PEER_AUTHENTICATION,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                "has(object.spec) && has(object.spec.mtls) && has(object.spec.mtls.mode)"
                " && object.spec.mtls.mode == 'STRICT'",
                "spec.mtls.mode must be STRICT",
            ),
            Validation(
                "!has(object.spec) || !has(object.spec.portLevelMtls) ||"
                " object.spec.portLevelMtls.all(port, has(object.spec.portLevelMtls[port].mode)"
                " && object.spec.portLevelMtls[port].mode == 'STRICT')",
                "spec.portLevelMtls must say STRICT for every port, or go",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-mtls-strict",
    severity=CRITICAL,
    summary="A PeerAuthentication demands mutual TLS, on every port.",
    reason="PERMISSIVE and DISABLE let any pod talk to a service in plain text and without an "
    "identity, which also switches off every access rule that asks who is calling.",
    fix="Set spec.mtls.mode to STRICT and remove weaker entries from portLevelMtls. While moving a "
    "namespace to STRICT, lower this rule to advisory in that stack's policy configuration.",
    kinds=(PEER_AUTHENTICATION,),
    check=check,
    admission=admission,
    example="""\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default-mtls, namespace: istio-system}
spec:
  mtls: {mode: STRICT}
""",
)
