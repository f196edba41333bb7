"""The configuration's manual, written from the models themselves (`python -m settings.reference`).

Owns the page `docs/configuration.md`; a test holds the page against the models.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.cluster import Cluster
from settings.gitops import GitOps
from settings.mesh import Mesh
from settings.observability import Observability
from settings.schema import allowed, free
from settings.secrets import SECRETS
from settings.types import Model

AREAS: Mapping[str, type[Model]] = {
    "cluster": Cluster,
    "services[]": Service,
    "gitops": GitOps,
    "mesh": Mesh,
    "chaos": Chaos,
    "anomaly": Anomaly,
    "observability": Observability,
}

INTRODUCTION = """\
# Configuration

Values live in `Pulumi.<stack>.yaml` under `brisa-platform:<area>`. `environment` is one of
`sandbox`, `staging` and `production`; `promotion: off` lets production release without a
verdict of staging, deliberately and shown ([promotion](promotion.md)); [secrets](#secrets) are
optional and kept encrypted.
Durations carry their unit (`30s`, `5m0s`, `1h30m`). Whatever is wrong is reported at once, with its
key, before anything is changed.

This page is written from the models (`make docs`). What its tables call `a DNS label` or the like
is told under [words](#words).
"""


def page() -> str:
    """The whole page, as Markdown."""
    areas = (line for area in AREAS for line in _area(area))
    return "\n".join([INTRODUCTION, *_secrets(), *areas, *_words()])


def _secrets() -> Iterator[str]:
    yield "## secrets\n"
    yield "`pulumi config set --secret brisa-platform:<key>`, and never in plain text.\n"
    yield "| key | what it is | for |"
    yield "| --- | --- | --- |"
    for key, secret in SECRETS.items():
        yield f"| `{key}` | {_cell(secret.noun)} | `{secret.where}` |"
    yield ""


def _area(key: str) -> Iterator[str]:
    schema = AREAS[key].model_json_schema(by_alias=True)
    yield from _table(f"brisa-platform:{key}", schema)
    for definition in schema.get("$defs", {}).values():
        yield from _table(definition["title"], definition)


def _table(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {title}\n" if title.startswith("brisa-platform:") else f"### {title}\n"
    yield " ".join(schema.get("description", "").split()) + "\n"
    yield "| key | allowed | default | meaning |"
    yield "| --- | --- | --- | --- |"
    required = schema.get("required", ())
    for name, place in schema.get("properties", {}).items():
        default = "required" if name in required else _default(place)
        meaning = " ".join(place.get("description", "").split())
        yield f"| `{name}` | {_cell(_kind(place))} | {_cell(default)} | {_cell(meaning)} |"
    yield ""


def _words() -> Iterator[str]:
    yield "## words\n"
    yield "| word | what it is |"
    yield "| --- | --- |"
    rules: dict[str, str] = {}
    for model in AREAS.values():
        rules |= _rules(model.model_json_schema(by_alias=True))
    yield from (f"| {word} | {_cell(rules[word])} |" for word in sorted(rules))
    yield ""


def _rules(node: Any) -> dict[str, str]:
    """The rules of all kinds of text in a schema, by their names."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if not isinstance(node, dict):
        return {}
    found = {node["allowed"]: node["rule"]} if "rule" in node else {}
    for inner in node.values():
        found |= _rules(inner)
    return found


def _kind(place: Mapping[str, Any]) -> str:
    options = place.get("anyOf", [place])
    return " or ".join(_one(option, place) for option in options)


def _one(option: Mapping[str, Any], place: Mapping[str, Any]) -> str:
    if option.get("type") == "null":
        return "null"
    if "$ref" in option:
        return str(option["$ref"].rpartition("/")[2])
    if option.get("type") == "array":
        return f"list of {_kind(option.get('items', {}))}"
    if "discriminator" in option:
        return " or ".join(option["discriminator"]["mapping"])
    return allowed({**option, **({"range": place["range"]} if "range" in place else {})})


def _default(place: Mapping[str, Any]) -> str:
    """A default; a model's stands field by field in a table of its own."""
    value = place.get("default")
    if isinstance(value, dict) and value and not free(place):
        return "see below"
    return f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
