"""Writes the page that shows the fields of every document: `docs/ops-json.md`."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.cli import cli
from ops.reference import documents


def page() -> str:
    """The page that shows every document."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield "# Documents of the operations command line"
    yield ""
    yield "What the commands of [operations](ops.md) print with `-o json` and `-o yaml`. Written by"
    yield "`make docs` from the models in [ops/](../ops/); `python -m ops schema status` prints the"
    yield "JSON schema of one."
    yield ""
    yield "`document` is the name and version. Within a version fields are only added; a field that"
    yield "is renamed, removed or given another meaning makes a new version. Times are ISO 8601 in"
    yield "UTC. Unknown is `null`, never a guess."
    for name, (kind, commands) in documents(cli).items():
        yield ""
        yield f"## {name}"
        yield ""
        yield f"{kind.__doc__}"
        yield f"Printed by {', '.join(f'`{each}`' for each in commands)}."
        yield ""
        yield "| Field | Type | Meaning |"
        yield "|---|---|---|"
        schema = kind.model_json_schema()
        yield from _fields(schema, schema.get("$defs", {}), "")


def _fields(schema: Mapping[str, Any], parts: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, field in schema["properties"].items():
        described, part = _type(field, parts)
        meaning = " ".join(str(field.get("description", part.get("description", ""))).split())
        path = f"{prefix}{name}{'[]' if described.startswith('list of object') else ''}"
        yield f"| `{path}` | {described} | {meaning} |"
        if "properties" in part:
            yield from _fields(part, parts, f"{path}.")


def _type(field: Mapping[str, Any], parts: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A field's type in words, and the part that it holds."""
    if "$ref" in field:
        return "object", parts[field["$ref"].rpartition("/")[2]]
    if "anyOf" in field:
        options = [_type(each, parts) for each in field["anyOf"]]
        part = next((found for _, found in options if found), {})
        return " or ".join(text for text, _ in options), part
    if "items" in field:
        inner, part = _type(field["items"], parts)
        return f"list of {inner}", part
    values = [field["const"]] if "const" in field else field.get("enum", ())
    said = ", ".join(f"`{each}`" for each in values)
    return said or str(field.get("format") or field.get("type") or "any"), {}


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - the page, for a file
