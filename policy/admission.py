"""The rules as ValidatingAdmissionPolicies: Flux, kubectl and dashboards go past Pulumi.

Each check becomes a policy and its binding, as plain objects. It judges what is in the catalogue's
namespaces, what carries the platform's label, and what reaches into them; the rest of the cluster
is other teams' business. Whoever only touches metadata, as a controller that removes a finalizer,
or only `spec.suspend`, is let through: an object that broke a rule before the rule came must still
be able to go away, and nobody may be kept from stopping what goes wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pulumi_policy import EnforcementLevel

from policy.cel import Check, listed, quoted
from policy.config import RuleConfig
from policy.enforcement import Enforcement, enforcements
from vocabulary.kinds import ADMISSION_BINDING, ADMISSION_POLICY, Kind
from vocabulary.labels import PART_OF, PLATFORM, standard_labels

Action = Literal["Deny", "Warn", "Audit"]
Manifest = dict[str, Any]

ACTIONS: dict[Action, list[Action]] = {
    "Deny": ["Deny", "Audit"],
    "Warn": ["Warn", "Audit"],
    "Audit": ["Audit"],
}
_OTHERS = "k != 'suspend' && (!(k in {other}) || dyn({one})[k] != dyn({other})[k])"
SPEC_CHANGED = (
    "request.operation == 'CREATE' || has(object.spec) != has(oldObject.spec)"
    " || (has(object.spec) && object.spec != oldObject.spec"
    f" && (dyn(object.spec).exists(k, {_OTHERS.format(one='object.spec', other='oldObject.spec')})"
    " || dyn(oldObject.spec).exists(k, k != 'suspend' && !(k in dyn(object.spec)))))"
).replace("k in oldObject.spec", "k in dyn(oldObject.spec)")


@dataclass(frozen=True)
class Scope:
    """Whose objects are judged."""

    namespaces: tuple[str, ...]
    """The catalogue's namespaces."""

    root: str
    """Istio's root namespace, whose objects hold for the whole mesh."""


def manifests(
    given: Mapping[str, Any], scope: Scope, strongest: Action, today: date
) -> list[Manifest]:
    """The policies and bindings of a stack, each policy before its binding.

    Args:
        given: The stack's policy configuration, as in `policy/<stack>.json`.
        scope: Whose objects are judged.
        strongest: What a mandatory rule does in the cluster; an advisory one warns at most.
        today: Exemptions that ended before are left out.

    Raises:
        PolicyConfigError: when the configuration is wrong.
    """
    found: list[Manifest] = []
    for enforcement in enforcements(given):
        action = _action(enforcement.level, strongest)
        if action and enforcement.rule.admission:
            for check in enforcement.rule.admission(enforcement.config):
                found += _pair(enforcement, check, scope, action, today)
    return found


def plural(kind: Kind) -> str:
    """The resource name under which the API server serves a kind."""
    name = kind.kind.lower()
    if name.endswith("chaos"):
        return name
    if name.endswith("y") and not name.endswith(("ay", "ey", "oy")):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith("s") else f"{name}s"


def _action(level: EnforcementLevel, strongest: Action) -> Action | None:
    if level is EnforcementLevel.DISABLED:
        return None
    if level is EnforcementLevel.ADVISORY and strongest == "Deny":
        return "Warn"
    return strongest


def _pair(
    enforcement: Enforcement, check: Check, scope: Scope, action: Action, today: date
) -> tuple[Manifest, Manifest]:
    rule = enforcement.rule
    name = "-".join(part for part in ("brisa", rule.id, check.name) if part)
    metadata = {"name": name, "labels": standard_labels(PLATFORM)}
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": _constraints(check),
        "matchConditions": list(_conditions(check, enforcement.config, today)),
        "variables": [{"name": n, "expression": e} for n, e in _variables(check, scope).items()],
        "validations": [
            {
                "expression": f"!variables.concerned || ({v.expression})",
                "message": f"{rule.id}: {v.message}",
            }
            for v in check.validations
        ],
    }
    binding = {"policyName": name, "validationActions": ACTIONS[action]}
    return (
        _manifest(ADMISSION_POLICY, metadata, {key: value for key, value in spec.items() if value}),
        _manifest(ADMISSION_BINDING, metadata, binding),
    )


def _variables(check: Check, scope: Scope) -> dict[str, str]:
    terms = ["has(object.metadata.namespace) && object.metadata.namespace in variables.catalogue"]
    terms.append(_labelled("object"))
    # Whoever takes the label away does not get out of the rules in the same request.
    terms.append(f"request.operation == 'UPDATE' && {_labelled('oldObject')}")
    terms += [check.reach.expression] if check.reach else []
    return {
        "catalogue": listed(scope.namespaces),
        "root": quoted(scope.root),
        **check.variables,
        "concerned": " || ".join(f"({term})" for term in terms),
    }


def _labelled(item: str) -> str:
    labels, key = f"{item}.metadata.labels", quoted(PART_OF)
    return f"has({labels}) && {key} in {labels} && {labels}[{key}] == {quoted(PLATFORM)}"


def _manifest(kind: Kind, metadata: Manifest, spec: Manifest) -> Manifest:
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": metadata,
        "spec": spec,
    }


def _constraints(check: Check) -> Manifest:
    versions: dict[str, list[str]] = {}
    for kind in check.kinds:
        versions.setdefault(kind.api_version, []).append(plural(kind))
    constraints: Manifest = {
        "matchPolicy": "Equivalent",
        "resourceRules": [
            {
                "apiGroups": [api_version.rpartition("/")[0]],
                "apiVersions": [api_version.rpartition("/")[2]],
                "operations": list(check.operations),
                "resources": resources,
            }
            for api_version, resources in versions.items()
        ],
    }
    if check.labels:
        constraints["objectSelector"] = {"matchLabels": check.labels}
    return constraints


def _conditions(check: Check, config: RuleConfig, today: date) -> Iterator[Manifest]:
    if "UPDATE" in check.operations and not check.labels_too:
        yield {"name": "spec-changed", "expression": SPEC_CHANGED}
    for number, exemption in enumerate(e for e in config.exempt if today <= e.until):
        kind, *namespace, name = exemption.resource.split("/")
        terms = [f"object.kind == {quoted(kind)}", f"object.metadata.name == {quoted(name)}"]
        terms += [f"object.metadata.namespace == {quoted(part)}" for part in namespace]
        yield {"name": f"not-exempt-{number}", "expression": f"!({' && '.join(terms)})"}
