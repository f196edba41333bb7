"""The documentation of the rules, written from the rules themselves.

`python -m policy.pages` rewrites `docs/policies`: one page a rule and the index.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from policy.cel import Check
from policy.config import RuleConfig, schema
from policy.enforcement import enforcements
from policy.experiments import CHAOS
from policy.promotion import PRODUCTION
from policy.rule import AnyRule, ResourceRule
from policy.rules import all_rules
from policy.stack import FROM_STACK, PROJECT, limits
from vocabulary.labels import PART_OF, PLATFORM

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "policies"
FAMILIES = {
    "mesh": "Mesh",
    "chaos": "Chaos engineering",
    "flux": "GitOps",
    "pods": "Pods",
    "platform": "Platform",
}


LET_IN = {
    "AuthorizationPolicy `CUSTOM`": "deny everything, by an authorizer that is not there",
    "DestinationRule, breaker after one error": "take every pod out at once, for hours",
    "Telemetry `accessLogging.disabled`": "leave requests without a line in the log",
    "ReferenceGrant": "let routes of another namespace lead to a service; callers stay the gateway",
    "Kustomization `force`": "delete and make anew what cannot be changed",
    "EndpointSlice by hand": "send requests for a service to another address",
    "RoleBinding": "give away rights that its author has",
    "labels of the program": "whoever may write them may patch proxies (EnvoyFilter, WasmPlugin)",
}
"""Objects that can do harm and that no rule can tell from what is in daily use."""


def page(rule: AnyRule) -> str:
    """The page of a rule."""
    return "\n".join(_page(rule))


def index() -> str:
    """The page that lists all rules."""
    return "\n".join(_index())


def pages() -> dict[str, str]:
    """File name -> content of every page."""
    return {"index.md": index(), **{f"{rule.id}.md": page(rule) for rule in all_rules()}}


def _page(rule: AnyRule) -> Iterator[str]:
    yield f"# {rule.id}\n"
    yield f"{rule.summary}\n"
    yield f"- Severity: {rule.severity.value}"
    kinds = ", ".join(dict.fromkeys(kind.kind for kind in rule.kinds)) or "every Kubernetes object"
    yield f"- Looks at: {kinds}"
    yield f"- Enforced: {_where(rule)}\n"
    yield "## What it checks\n"
    yield f"{inspect.getdoc(rule.check) or rule.summary}\n"
    if rule.admission:
        yield f"In the cluster: {_lower(rule.admission.__doc__ or '')}\n"
    yield f"## Why\n\n{rule.reason}\n"
    yield from _configuration(rule)
    yield f"## How to comply\n\n{rule.fix}\n"
    yield f"```yaml\n{rule.example.strip()}\n```\n"
    yield from _exemption(rule)


def _where(rule: AnyRule) -> str:
    judged = "each resource" if isinstance(rule, ResourceRule) else "the stack as a whole"
    cluster = ", and the API server refuses what comes past Pulumi" if rule.admission else ""
    return f"in preview and up, on {judged}{cluster}"


def _lower(text: str) -> str:
    text = text.removeprefix("For the API server: ")
    return text[:1].lower() + text[1:]


def _configuration(rule: AnyRule) -> Iterator[str]:
    yield "## Configuration\n"
    rows = limit_rows(rule.config)
    if not rows:
        yield "This rule has no limits to set.\n"
        return
    yield "| Property | Type | Default | Meaning |"
    yield "|---|---|---|---|"
    yield from rows
    yield ""
    yield from _from_stack(rule)
    defaults = _defaults(rule.config)
    name = next(key for key in defaults if key != "exempt")
    entry = {rule.id: {"enforcementLevel": rule.level.value, name: defaults[name]}}
    yield f"In `policy/<stack>.json`:\n\n```json\n{json.dumps(entry, indent=2)}\n```\n"


def _from_stack(rule: AnyRule) -> Iterator[str]:
    """Which limits the stack file says."""
    said = [
        f"`{key}` (`brisa-platform:{'.'.join((area, *path))}`)"
        for area, path, rules in FROM_STACK
        for name, key in rules
        if name == rule.id
    ]
    if said:
        yield "Taken from the stack file, unless it is said here:"
        yield f"{', '.join(said)}.\n"


def limit_rows(config: type[RuleConfig]) -> list[str]:
    """The rows of the table of a rule's limits."""
    defaults = _defaults(config)
    return [
        f"| `{name}` | {_type(described)} | `{json.dumps(defaults[name])}` "
        f"| {' '.join(described.get('description', '').split())} |"
        for name, described in schema(config).items()
        if name != "exempt"
    ]


def _defaults(config: type[RuleConfig]) -> dict[str, Any]:
    return config().model_dump(mode="json", by_alias=True)


def _type(described: dict[str, Any]) -> str:
    kind = str(described.get("type", "value"))
    bounds = [
        f"{sign} {described[key]}"
        for key, sign in (
            ("minimum", "at least"),
            ("exclusiveMinimum", "above"),
            ("maximum", "at most"),
        )
        if key in described
    ]
    return ", ".join([kind, *bounds])


def _exemption(rule: AnyRule) -> Iterator[str]:
    yield "## How to exempt\n"
    if rule.exemption:
        yield f"{rule.exemption}\n"
        return
    manifests = list(yaml.safe_load_all(rule.example))
    subject = rule.subject.kind if rule.subject else manifests[-1]["kind"]
    manifest = next(each for each in reversed(manifests) if each["kind"] == subject)
    metadata = manifest.get("metadata", {})
    named = (manifest["kind"], metadata.get("namespace"), metadata.get("name", "name"))
    exempt = {
        "resource": "/".join(part for part in named if part),
        "until": "2027-01-31",
        "reason": "why, and who follows it up",
    }
    entry = {rule.id: {"exempt": [exempt]}}
    yield "One resource, until a date, in `policy/<stack>.json`, under review like all else:\n"
    yield f"```json\n{json.dumps(entry, indent=2)}\n```\n"
    yield "The day after, the rule holds again. A whole stack can lower the rule with"
    yield f'`"{rule.id}": "advisory"`; production lowers none.\n'


def _index() -> Iterator[str]:
    yield "# Policies\n"
    yield "What the platform must never do, whoever asks for it. The rules hold in every preview"
    yield "and `up`; those marked *cluster* hold in the API server too, because Flux, kubectl and"
    yield "dashboards go past Pulumi. `policy/<stack>.json` sets levels and limits for both.\n"
    yield "Written from the rules by `python -m policy.pages`.\n"
    for family, title in FAMILIES.items():
        yield f"## {title}\n"
        yield "| Rule | What must be so | Severity | Where |"
        yield "|---|---|---|---|"
        for rule in all_rules():
            if rule.family == family:
                scope = "resource" if isinstance(rule, ResourceRule) else "stack"
                where = f"{scope}, cluster" if rule.admission else scope
                yield (
                    f"| [{rule.id}]({rule.id}.md) | {rule.summary} "
                    f"| {rule.severity.value} | {where} |"
                )
        yield ""
    yield from _cluster()


def _cluster() -> Iterator[str]:
    yield "## In the cluster: what is refused, and where\n"
    yield "The API server judges objects in the catalogue's namespaces, and objects anywhere that"
    yield f"carry the label `{PART_OF}: {PLATFORM}`. Other teams' objects are refused only where"
    yield "the last column says so. A change of metadata alone, or of `spec.suspend` alone, always"
    yield "passes, but for a namespace's labels. This is what production's configuration gives.\n"
    yield "| Rule | Objects | Refused unless | Elsewhere too |"
    yield "|---|---|---|---|"
    for enforcement in enforcements(limits({f"{PROJECT}:environment": PRODUCTION})):
        rule = enforcement.rule
        for check in rule.admission(enforcement.config) if rule.admission else ():
            kinds = "every kind of Chaos Mesh" if check.kinds == CHAOS else _kinds(check)
            needed = "; ".join(dict.fromkeys(each.message for each in check.validations))
            reach = check.reach.words if check.reach else ""
            yield f"| [{rule.id}]({rule.id}.md) | {kinds} | {needed} | {reach} |"
    yield ""
    yield "## What is let in\n"
    yield "What is right where it is meant so cannot be refused where it is not. Rights over these"
    yield "kinds are what stands against it: give them in the catalogue's namespaces to few.\n"
    yield "| Object | What it can do |"
    yield "|---|---|"
    yield from (f"| {which} | {what} |" for which, what in LET_IN.items())
    yield ""


def _kinds(check: Check) -> str:
    names = list(dict.fromkeys(kind.kind for kind in check.kinds))
    return ", ".join(names) + (" of the platform" if check.labels else "")


def write(folder: Path = FOLDER) -> None:
    """Rewrite all pages; remove those of rules that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    for outdated in {path.name for path in folder.glob("*.md")} - set(wanted):
        (folder / outdated).unlink()


if __name__ == "__main__":
    write()
