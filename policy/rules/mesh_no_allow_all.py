"""An ALLOW rule says who may call."""

import re
from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import AUTHORIZATION_POLICY

IDENTITIES = ("principals", "namespaces", "serviceAccounts")
SOURCES = (*IDENTITIES, "requestPrincipals", "ipBlocks", "remoteIpBlocks", "trustDomains")
NOBODY = {
    "principals": r"^(\*.*|[^/]*\*|[^/]*/(ns/)?\*|[^/]*/ns/\*.*)$",
    "namespaces": r"^\*$",
    "serviceAccounts": r"^\*(/.*)?$",
    "ipBlocks": r".*/[0-7]$",
    "remoteIpBlocks": r".*/[0-7]$",
    "trustDomains": r"^\*$",
}
"""Spellings that let everybody in: any namespace, any address."""


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Every rule of an ALLOW policy names its callers, or what is open to all."""
    spec = resource["spec"]
    if spec["action"].text() not in (None, "ALLOW"):
        return
    for rule in spec["rules"].items():
        if rule["from"].unknown or _is_public(rule) or _asks_who(rule):
            continue
        if not rule["from"].items():
            yield rule.finding(
                "nobody is named, so everybody may call; write `from`, or in `to` the paths that "
                "are open to all"
            )
        for entry in rule["from"].items():
            yield from _source(entry["source"])


def _is_public(rule: Field) -> bool:
    """Whether it is about paths that it names, such as /healthz."""
    operations = [entry["operation"]["paths"] for entry in rule["to"].items()]
    return bool(operations) and all(
        paths.unknown or (paths.items() and not {"*", "/*"} & set(paths.texts()))
        for paths in operations
    )


def _asks_who(rule: Field) -> bool:
    """Whether a condition is about the caller's token."""
    keys = [condition["key"].text() or "" for condition in rule["when"].items()]
    return rule["when"].unknown or any(key.startswith("request.auth.") for key in keys)


def _source(source: Field) -> Iterator[Finding]:
    if source.unknown:
        return
    if all(source[name].missing for name in SOURCES):
        yield source.finding(
            f"no caller is named; write one of {', '.join(SOURCES)} with the callers you mean"
        )
    if not source["requestPrincipals"].missing:  # a valid token, whoever holds it
        return
    for name, pattern in NOBODY.items():
        for value in source[name].items():
            if re.search(pattern, value.text() or ""):
                yield value.finding(f"{value} lets everybody in; name the callers")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    named = " || ".join(f"has(f.source.{name})" for name in SOURCES)
    open_wide = " || ".join(
        f"(has(f.source.{name}) && f.source.{name}.exists(v, v.matches({quoted(pattern)})))"
        for name, pattern in NOBODY.items()
    )
    public = (
        "has(r.to) && r.to.size() > 0 && r.to.all(t, has(t.operation) && has(t.operation.paths)"
        " && t.operation.paths.size() > 0 && !t.operation.paths.exists(p, p in ['*', '/*']))"
    )
    asks_who = "has(r.when) && r.when.exists(w, w.key.startsWith('request.auth.'))"
    yield Check(
        kinds=(AUTHORIZATION_POLICY,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                "!has(object.spec) || !has(object.spec.rules)"
                " || (has(object.spec.action) && object.spec.action != 'ALLOW')"
                f" || object.spec.rules.all(r, ({public}) || ({asks_who}) ||"
                " (has(r.from) && r.from.size() > 0 &&"
                f" r.from.all(f, has(f.source) && ({named}) &&"
                f" (has(f.source.requestPrincipals) || !({open_wide})))))",
                "every rule of an ALLOW policy must name its callers in `from`, not all of them, "
                "or in `to` the paths that are open to everybody",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-no-allow-all",
    severity=HIGH,
    summary="No AuthorizationPolicy allows everybody.",
    reason="A rule without `from`, or with one that means anybody, undoes the default deny for "
    "whatever it matches: any pod that reaches the service may call it.",
    fix="Name the callers: source.principals, serviceAccounts or namespaces; what is open to all, "
    "such as /healthz, by its paths.",
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
