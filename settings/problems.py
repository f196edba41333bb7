"""What is wrong with a configuration, said so that its author can mend it in one go."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pydantic
from pydantic_core import ErrorDetails

from settings.types import Model
from timing.duration import format_duration

PROJECT = "brisa-platform"
LONGEST_VALUE = 60

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong."""

    path: Path
    """Where, from the area's key down: `("services", 0, "port")`."""

    what: str
    """What is wrong with it."""

    allowed: str
    """What would be right."""

    value: object = None
    """What stands there; None when nothing does, or when it is nobody's business."""

    superfluous: bool = False
    """Whether mending it means taking it out."""

    @property
    def key(self) -> str:
        """The place as `pulumi config set --path` takes it."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{PROJECT}:{''.join(steps).lstrip('.')}"

    def lines(self) -> Iterable[str]:
        """The report of this problem."""
        shown = "" if self.value is None else f" = {_short(self.value)}"
        yield f"  {self.key}{shown}"
        yield f"      wrong:   {self.what}"
        yield f"      allowed: {self.allowed}"
        verb, value = ("rm", "") if self.superfluous else ("set", " <value>")
        yield f"      next:    pulumi config {verb} --path '{self.key}'{value}"


class SettingsError(Exception):
    """The author of a stack's configuration made mistakes; all of them are listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        blocks = ["\n".join(problem.lines()) for problem in self.problems]
        head = (
            f"The stack's configuration has {count}; nothing was changed. "
            "Mend the stack file, or use the command below each."
        )
        super().__init__("\n".join([head, *blocks]))


def from_validation(
    area: Path, model: type[Model], error: pydantic.ValidationError
) -> list[Problem]:
    """Turn pydantic's findings in one area into problems."""
    schema = model.model_json_schema(by_alias=True)
    return [_problem(area, schema, details) for details in error.errors(include_url=False)]


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint for a misspelt word; empty when nothing is close."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _problem(area: Path, schema: Mapping[str, Any], details: ErrorDetails) -> Problem:
    path, place = _locate(schema, details["loc"])
    kind, value = details["type"], details["input"]
    if kind == "missing":
        return Problem(area + path, "is missing", _told(place))
    if kind == "extra_forbidden":
        _, parent = _locate(schema, details["loc"][:-1])
        known = sorted(parent.get("properties", ()))
        what = f"is not a known key{nearest(str(path[-1]), known)}"
        return Problem(area + path, what, f"one of {', '.join(known)}", superfluous=True)
    if kind.startswith("json_"):
        return Problem(area, "is not an object or a list", _told(schema), value)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        tags = details.get("ctx", {}).get("expected_tags", "'kind'")
        given = value.get("kind") if isinstance(value, dict) else value
        return Problem((*area, *path, "kind"), "is missing or unknown", f"one of {tags}", given)
    message = details["msg"].removeprefix("Value error, ")
    own_rule = kind == "value_error"
    what = message if own_rule else f"{message[0].lower()}{message[1:]}"
    return Problem(area + path, what, _told(place), _leaf(value))


def _leaf(value: object) -> object:
    # A rule over a whole object has named what it is about; the object itself would drown that.
    return None if isinstance(value, (dict, Model)) else value


def _locate(schema: Mapping[str, Any], loc: Iterable[str | int]) -> tuple[Path, Mapping[str, Any]]:
    """Follow a pydantic location; returns the path without union tags, and the schema there."""
    path: list[str | int] = []
    place = _resolve(schema, schema)
    for step in loc:
        mapping = place.get("discriminator", {}).get("mapping", {})
        if step in mapping:
            place = _resolve(schema, {"$ref": mapping[step]})
            continue
        path.append(step)
        if isinstance(step, int):
            place = _resolve(schema, place.get("items", {}))
        else:
            place = _resolve(schema, place.get("properties", {}).get(step, {}))
    return tuple(path), place


def _resolve(schema: Mapping[str, Any], place: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, keeping what stands beside it; pick the object of an optional."""
    if "anyOf" in place:
        options = [option for option in place["anyOf"] if option.get("type") != "null"]
        place = {**options[0], **{key: place[key] for key in place if key != "anyOf"}}
    if "$ref" in place:
        target = schema["$defs"][place["$ref"].rpartition("/")[2]]
        place = {**target, **{key: place[key] for key in place if key != "$ref"}}
    return place


_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def allowed(place: Mapping[str, Any]) -> str:
    """Say in words what a place may hold."""
    if "range" in place:
        parts = [
            f"a duration such as 30s or 5m0s, from {place['range'].replace(' to ', ' up to ')}"
        ]
    elif "enum" in place or "const" in place:
        parts = [f"one of {', '.join(map(str, place.get('enum', [place.get('const')])))}"]
    else:
        parts = [_WORDS.get(str(place.get("type")), "see the description")]
        bounds = {"minimum": "at least", "exclusiveMinimum": "above", "minLength": "length from"}
        bounds |= {"maximum": "at most", "exclusiveMaximum": "below", "maxLength": "length up to"}
        bounds |= {"minItems": "entries from", "pattern": "matching"}
        parts += [f"{words} {place[key]}" for key, words in bounds.items() if key in place]
        if place.get("type") == "object" and place.get("properties"):
            parts.append(f"with the keys {', '.join(sorted(place['properties']))}")
    return ", ".join(parts)


def _told(place: Mapping[str, Any]) -> str:
    """What a place may hold, and what it is for."""
    described = " ".join(str(place.get("description", "")).split())
    return allowed(place) + (f" ({described})" if described else "")


def _short(value: object) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    text = re.sub(r"://[^/@\s]+@", "://***@", json.dumps(value, default=str))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
