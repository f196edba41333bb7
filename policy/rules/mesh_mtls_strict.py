"""Mutual TLS is not weakened: mesh-wide, per namespace, per workload, per port."""

from collections.abc import Iterator
from datetime import date

from policy.cel import Check, Validation, listed
from policy.config import Model, RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import PEER_AUTHENTICATION
from vocabulary.labels import APP

STRICT, PERMISSIVE = "STRICT", "PERMISSIVE"


class OptOut(Model):
    """A service that takes plain text too, at ports that its PeerAuthentication names."""

    namespace: str
    """Its namespace."""

    service: str
    """Its name, which its pods carry as label `app`."""

    until: date
    """Last day."""


class Config(RuleConfig):
    """Who takes plain text for a while."""

    plain_text: tuple[OptOut, ...] = ()
    """Services whose ports may be PERMISSIVE; where the stack says so, `plainText` of `services`,
    and `[]` here lets none."""

    def opt_out(self, resource: Resource) -> OptOut | None:
        """The one that a PeerAuthentication is about: it selects that service's pods."""
        selected = resource["spec"]["selector"]["matchLabels"][APP].text()
        about = (resource.namespace, selected)
        return next((e for e in self.plain_text if (e.namespace, e.service) == about), None)


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The mode must be STRICT wherever one stands, and one must stand.

    A port of a service that the stack lets take plain text may be PERMISSIVE until its date.
    """
    yield from _weak(resource["spec"]["mtls"]["mode"])
    opted = config.opt_out(resource)
    for _, entry in resource["spec"]["portLevelMtls"].entries():
        if opted is None or entry["mode"].text() != PERMISSIVE:
            yield from _weak(entry["mode"])
        elif resource.moment.date() > opted.until:
            yield entry["mode"].finding(
                f"{opted.service} was to take plain text until {opted.until}; take plainText out "
                "of its entry, or say until when it still must"
            )


def _weak(mode: Field) -> Iterator[Finding]:
    if mode.missing:
        yield mode.finding("no mode is set, so it depends on others; write mode: STRICT")
    elif (text := mode.text()) is not None and text != STRICT:
        yield mode.finding(f"{mode} lets plain text in; write STRICT")


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server, which knows no dates."""
    opted = listed(f"{each.namespace}/{each.service}" for each in config.plain_text)
    modes, variables = "['STRICT']", {}
    if config.plain_text:
        selector = "object.spec.selector.matchLabels"
        variables["optedOut"] = (
            f"has(object.spec) && has(object.spec.selector) && has({selector})"
            f" && '{APP}' in {selector}"
            f" && (object.metadata.namespace + '/' + {selector}['{APP}']) in {opted}"
        )
        modes = "(variables.optedOut ? ['STRICT', 'PERMISSIVE'] : ['STRICT'])"
    yield Check(
        kinds=(PEER_AUTHENTICATION,),
        reach=MESH_WIDE,
        variables=variables,
        validations=(
            Validation(
                "has(object.spec) && has(object.spec.mtls) && has(object.spec.mtls.mode)"
                " && object.spec.mtls.mode == 'STRICT'",
                "spec.mtls.mode must be STRICT",
            ),
            Validation(
                "!has(object.spec) || !has(object.spec.portLevelMtls) ||"
                " object.spec.portLevelMtls.all(port, has(object.spec.portLevelMtls[port].mode)"
                f" && object.spec.portLevelMtls[port].mode in {modes})",
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
    "namespace to STRICT, lower this rule to advisory in that stack's policy configuration. A "
    "service that must take plain text for a while says so in the catalogue: `plainText`.",
    kinds=(PEER_AUTHENTICATION,),
    config=Config,
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
