"""An ALLOW rule says who may call."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import AUTHORIZATION_POLICY

IDENTITIES = ("principals", "namespaces", "serviceAccounts", "requestPrincipals")
SOURCES = (*IDENTITIES, "ipBlocks", "remoteIpBlocks", "trustDomains")


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Every rule of an ALLOW policy names its callers, without a bare wildcard."""
    spec = resource["spec"]
    if spec["action"].text() not in (None, "ALLOW"):
        return
    for rule in spec["rules"].items():
        if rule["from"].unknown:
            continue
        if not rule["from"].items():
            yield rule.finding("nobody is named, so everybody may call; write `from`")
        for entry in rule["from"].items():
            yield from _source(entry["source"])


def _source(source: Field) -> Iterator[Finding]:
    if source.unknown:
        return
    if all(source[name].missing for name in SOURCES):
        yield source.finding(
            f"no caller is named; write one of {', '.join(SOURCES)} with the callers you mean"
        )
    for name in IDENTITIES:
        for value in source[name].items():
            if value.text() == "*":
                yield value.finding('"*" lets everybody in; name the callers')


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    named = " || ".join(f"has(f.source.{name})" for name in SOURCES)
    open_wide = " || ".join(f"(has(f.source.{n}) && '*' in f.source.{n})" for n in IDENTITIES)
    yield Check(
        kinds=(AUTHORIZATION_POLICY,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                "!has(object.spec) || !has(object.spec.rules)"
                " || (has(object.spec.action) && object.spec.action != 'ALLOW')"
                " || object.spec.rules.all(r, has(r.from) && r.from.size() > 0 &&"
                f" r.from.all(f, has(f.source) && ({named}) && !({open_wide})))",
                "every rule of an ALLOW policy must name its callers in `from`, without '*'",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-no-allow-all",
    severity=HIGH,
    summary="No AuthorizationPolicy allows everybody.",
    reason="A rule without `from`, or with a bare *, undoes the default deny for whatever it "
    "matches: any pod that reaches the service may call it.",
    fix="Name the callers: source.principals, serviceAccounts or namespaces.",
    kinds=(AUTHORIZATION_POLICY,),
    check=check,
    admission=admission,
    example="""\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: brisa}
spec:
  action: ALLOW
  selector: {matchLabels: {app: api}}
  rules:
    - from:
        - source: {principals: [cluster.local/ns/brisa/sa/web]}
""",
)
