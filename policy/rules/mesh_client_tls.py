"""Callers speak mutual TLS to services that accept nothing else."""

from collections.abc import Iterator

from policy.cel import Check, Validation, listed
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import (
    SUFFIX,
    rule_host,
    service_namespace,
    strict_namespaces,
    traffic_policies,
)
from policy.resources import Stack
from policy.rule import CRITICAL, StackRule
from vocabulary.kinds import DESTINATION_RULE, PEER_AUTHENTICATION

WRONG = ("DISABLE", "SIMPLE")


class Config(RuleConfig):
    """Where mesh-wide policy lives."""

    root_namespace: str = "istio-system"
    """Istio's root namespace; a PeerAuthentication there holds for the whole mesh."""


def check(stack: Stack, config: Config) -> Iterator[Finding]:
    """Compare each DestinationRule for a service with the mode of the service's namespace."""
    whole_mesh, strict = strict_namespaces(stack, config.root_namespace)
    for rule in stack.of(DESTINATION_RULE):
        host = rule_host(rule)
        namespace = None if host is None else service_namespace(host)
        if namespace is None or not (whole_mesh or namespace in strict):
            continue
        for policy in traffic_policies(rule):
            mode = policy["tls"]["mode"]
            if mode.text() in WRONG:
                yield mode.finding(
                    f"{mode} does not reach {host}, whose namespace is STRICT; remove it (Istio "
                    "then picks mutual TLS by itself) or write ISTIO_MUTUAL"
                )


def admission(_: Config) -> Iterator[Check]:
    """For the API server: the catalogue's namespaces are STRICT."""

    def plain(policy: str) -> str:
        wrong = f"has({{0}}.tls) && has({{0}}.tls.mode) && {{0}}.tls.mode in {listed(WRONG)}"
        ports = f"{policy}.portLevelSettings"
        return (
            f"(({wrong.format(policy)})"
            f" || (has({ports}) && {ports}.exists(p, {wrong.format('p')})))"
        )

    yield Check(
        kinds=(DESTINATION_RULE,),
        variables={
            "inside": (
                "!object.spec.host.contains('.') || object.spec.host in ['*.local',"
                f" '*.cluster.local', '*{SUFFIX}'] || variables.catalogue.exists(n,"
                " object.spec.host.endsWith('.' + n) || object.spec.host.endsWith('.' + n + '.svc')"
                f" || object.spec.host.endsWith('.' + n + '{SUFFIX}'))"
            )
        },
        validations=(
            Validation(
                "!variables.inside ||"
                f" (!(has(object.spec.trafficPolicy) && {plain('object.spec.trafficPolicy')})"
                " && (!has(object.spec.subsets) || !object.spec.subsets.exists(s,"
                f" has(s.trafficPolicy) && {plain('s.trafficPolicy')})))",
                "tls.mode towards a service of the mesh must be ISTIO_MUTUAL, or not be said",
            ),
        ),
    )


RULE = StackRule(
    id="mesh-client-tls",
    severity=CRITICAL,
    summary="No DestinationRule turns off mutual TLS towards a service under STRICT.",
    reason="The server accepts only mutual TLS and the client is told to use something else: every "
    "request to the service fails.",
    fix="Remove trafficPolicy.tls or set its mode to ISTIO_MUTUAL.",
    kinds=(DESTINATION_RULE, PEER_AUTHENTICATION),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default-mtls, namespace: istio-system}
spec:
  mtls: {mode: STRICT}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: brisa}
spec:
  host: api.brisa.svc.cluster.local
  trafficPolicy:
    tls: {mode: ISTIO_MUTUAL}
""",
)
