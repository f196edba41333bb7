"""The rules as ValidatingAdmissionPolicies: Flux, kubectl and dashboards go past Pulumi.

Each check becomes a policy and its binding, as plain objects. Whoever only touches metadata, such
as a controller that removes a finalizer, is let through: an object that broke a rule before the
rule came must still be able to go away.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from pulumi_policy import EnforcementLevel

from policy.cel import Check, quoted
from policy.config import RuleConfig
from policy.enforcement import Enforcement, enforcements
from vocabulary.kinds import ADMISSION_BINDING, ADMISSION_POLICY, Kind
from vocabulary.labels import PLATFORM, standard_labels

Action = Literal["Deny", "Warn", "Audit"]
Manifest = dict[str, Any]

ACTIONS: dict[Action, list[Action]] = {
    "Deny": ["Deny", "Audit"],
    "Warn": ["Warn", "Audit"],
    "Audit": ["Audit"],
}
SPEC_CHANGED = (
    "request.operation == 'CREATE' || has(object.spec) != has(oldObject.spec)"
    " || (has(object.spec) && object.spec != oldObject.spec)"
)


def manifests(given: Mapping[str, Any], strongest: Action, today: date) -> list[Manifest]:
    """The policies and bindings of a stack, each policy before its binding.

    Args:
        given: The stack's policy configuration, as in `policy/<stack>.json`.
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
                found += _pair(enforcement, check, action, today)
    return found


def plural(kind: Kind) -> str:
    """The resource name under which the API server serves a kind."""
    name = kind.kind.lower()
    if name.endswith("chaos"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _action(level: EnforcementLevel, strongest: Action) -> Action | None:
    if level is EnforcementLevel.DISABLED:
        return None
    if level is EnforcementLevel.ADVISORY and strongest == "Deny":
        return "Warn"
    return strongest


def _pair(
    enforcement: Enforcement, check: Check, action: Action, today: date
) -> tuple[Manifest, Manifest]:
    rule = enforcement.rule
    name = "-".join(part for part in ("brisa", rule.id, check.name) if part)
    metadata = {"name": name, "labels": standard_labels(PLATFORM)}
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": _constraints(check),
        "matchConditions": list(_conditions(check, enforcement.config, today)),
        "variables": [{"name": n, "expression": e} for n, e in check.variables.items()],
        "validations": [
            {"expression": v.expression, "message": f"{rule.id}: {v.message}"}
            for v in check.validations
        ],
    }
    binding = {"policyName": name, "validationActions": ACTIONS[action]}
    return (
        _manifest(ADMISSION_POLICY, metadata, {key: value for key, value in spec.items() if value}),
        _manifest(ADMISSION_BINDING, metadata, binding),
    )


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
    if "UPDATE" in check.operations:
        yield {"name": "spec-changed", "expression": SPEC_CHANGED}
    for number, exemption in enumerate(e for e in config.exempt if today <= e.until):
        kind, *namespace, name = exemption.resource.split("/")
        terms = [f"object.kind == {quoted(kind)}", f"object.metadata.name == {quoted(name)}"]
        terms += [f"object.metadata.namespace == {quoted(part)}" for part in namespace]
        yield {"name": f"not-exempt-{number}", "expression": f"!({' && '.join(terms)})"}
