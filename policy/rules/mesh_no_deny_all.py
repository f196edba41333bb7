"""A DENY rule says what it denies."""

from collections.abc import Iterator

from policy.cel import Check, Validation, listed, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import AUTHORIZATION_POLICY

EVERYBODY = {"principals": ["*"], "namespaces": ["*"], "ipBlocks": ["0.0.0.0/0", "::/0"]}
EVERYTHING = {"paths": ["*", "/*"], "methods": ["*"], "hosts": ["*"]}


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No rule of a DENY policy matches every request."""
    if resource["spec"]["action"].text() != "DENY":
        return
    for rule in resource["spec"]["rules"].items():
        if rule["when"].unknown or rule["when"].items():
            continue
        if _means_all(rule["from"], "source", EVERYBODY) and _means_all(
            rule["to"], "operation", EVERYTHING
        ):
            yield rule.finding(
                "it denies every request, whatever else is allowed; write whom or what it denies"
            )


def _means_all(entries: Field, key: str, widest: dict[str, list[str]]) -> bool:
    """Whether one of the entries means everybody or everything, or there is none."""
    if entries.unknown:
        return False
    return not entries.items() or any(
        _is_wide(entry[key], widest) for entry in entries.items() if not entry[key].unknown
    )


def _is_wide(place: Field, widest: dict[str, list[str]]) -> bool:
    keys = dict(place.entries())
    return all(
        key in widest and not values.unknown and bool({*values.texts()} & {*widest[key]})
        for key, values in keys.items()
    )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    everybody = _every("r.from", "source", EVERYBODY)
    everything = _every("r.to", "operation", EVERYTHING)
    yield Check(
        kinds=(AUTHORIZATION_POLICY,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                "!has(object.spec) || !has(object.spec.rules) || !has(object.spec.action)"
                " || object.spec.action != 'DENY' || object.spec.rules.all(r,"
                " (has(r.when) && r.when.size() > 0)"
                f" || !({everybody}) || !({everything}))",
                "a rule of a DENY policy must say whom or what it denies, in from, to or when",
            ),
        ),
    )


def _every(entries: str, key: str, widest: dict[str, list[str]]) -> str:
    """In CEL: whether one of the entries means everybody or everything, or there is none."""
    words = ", ".join(f"{quoted(name)}: {listed(values)}" for name, values in widest.items())
    wide = f"k in {{{words}}} && dyn(e.{key})[k].exists(v, v in {{{words}}}[k])"
    return (
        f"!has({entries}) || {entries}.size() == 0"
        f" || {entries}.exists(e, !has(e.{key}) || dyn(e.{key}).all(k, {wide}))"
    )


RULE = ResourceRule(
    id="mesh-no-deny-all",
    severity=CRITICAL,
    summary="No AuthorizationPolicy denies everything.",
    reason="DENY goes over every ALLOW: one rule without conditions answers each request of the "
    "workloads that it selects with 403, in the root namespace those of the whole mesh.",
    fix="Say in from, to or when whom or what is denied. What nothing allows is refused anyway.",
    kinds=(AUTHORIZATION_POLICY,),
    check=check,
    admission=admission,
    example="""\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-admin, namespace: brisa}
spec:
  action: DENY
  rules:
    - to: [{operation: {paths: [/admin/*]}}]
""",
)
