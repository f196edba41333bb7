"""What is wrong with a configuration, said so that its author can mend it in one go."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pydantic
from pydantic_core import ErrorDetails

from settings.schema import KEY, Path, kinds, locate, told
from settings.types import Model
from vocabulary.disclosure import redacted
from vocabulary.timing.duration import format_duration

PROJECT = "brisa-platform"
LONGEST_VALUE = 120
LONGEST_LINE = 600
MOST_NAMES = 20

SET = "pulumi config set --path '{key}' <value>"
SET_TEXT = "pulumi config set --path --type string '{key}' <value>"
SET_NUMBER = "pulumi config set --path --type float '{key}' <value>"
SET_SECRET = "pulumi config set --secret '{key}'"
REMOVE = "pulumi config rm --path '{key}'"
EDIT = "write {key} in the stack file"


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

    remedy: str = SET
    """What to do next; SET unless another of the above is right."""

    @property
    def key(self) -> str:
        """The place as `pulumi config set --path` takes it."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        key = "".join(steps).lstrip(".")
        return key if ":" in key else f"{PROJECT}:{key}"  # a slip in the project's name has it

    def lines(self) -> Iterable[str]:
        """The report of this problem."""
        # Where the name of a Secret belongs, a secret itself may stand by mistake.
        private = any("secret" in str(step).lower() for step in self.path)
        shown = "" if self.value is None or private else f" = {_short(redacted(self.value))}"
        remedy = EDIT if isinstance(self.value, (list, dict)) else self.remedy
        yield f"  {self.key}{shown}"
        yield f"      wrong:   {_cut(self.what, LONGEST_LINE)}"
        yield f"      allowed: {_cut(self.allowed, LONGEST_LINE)}"
        yield f"      next:    {remedy.format(key=self.key)}"


class SettingsError(Exception):
    """The author of a stack's configuration made mistakes; all of them are listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        blocks = ["\n".join(problem.lines()) for problem in self.problems]
        head = (
            f"The stack's configuration has {count}; nothing was changed. "
            "Mend the stack file, or do what is said below each."
        )
        super().__init__("\n".join([head, *blocks]))


def from_validation(
    area: Path, model: type[Model], error: pydantic.ValidationError
) -> list[Problem]:
    """Turn pydantic's findings in one area into problems."""
    schema = _schema(model)
    found = error.errors(include_url=False)
    return [_problem(area, schema, details) for details in found if not follows(details)]


@cache
def _schema(model: type[Model]) -> Mapping[str, Any]:
    return model.model_json_schema(by_alias=True)


def follows(details: ErrorDetails) -> bool:
    """Whether it is told only because of another: entries that are wrong make a list too short."""
    return (
        details["type"] == "too_short" and len(details["input"]) > details["ctx"]["actual_length"]
    )


def listed(words: Iterable[str]) -> str:
    """Names in order, and not more of them than anybody reads."""
    ordered = sorted(words)
    shown = ", ".join(_cut(word, LONGEST_VALUE) for word in ordered[:MOST_NAMES])
    rest = len(ordered) - MOST_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown


def nearest(word: str, words: Iterable[str]) -> str:
    """A hint for a misspelt word; empty when nothing is close."""
    close = difflib.get_close_matches(word[:LONGEST_VALUE], list(words), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def _problem(area: Path, schema: Mapping[str, Any], details: ErrorDetails) -> Problem:
    path, place = locate(schema, details["loc"])
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "missing":
        return Problem(area + path, "is missing", told(place), remedy=_remedy(place, ""))
    if kind == "extra_forbidden":
        _, parent = locate(schema, details["loc"][:-1])
        known = sorted(parent.get("properties", ()))
        what = f"is not a known key{nearest(str(path[-1]), known)}"
        return Problem(area + path, what, f"one of {', '.join(known)}", remedy=REMOVE)
    if kind.startswith("json_"):
        return Problem(area, "is not an object or a list", told(schema), value)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        given = value.get("kind") if isinstance(value, dict) else None
        what = "is missing" if given is None else f"is no kind{nearest(str(given), kinds(place))}"
        return Problem((*area, *path, "kind"), what, f"one of {', '.join(kinds(place))}", given)
    if kind == "broken_rule":
        key = context["key"]
        path, place = locate(schema, (*details["loc"], *key))
        value = _inside(value, key)
    # A rule over a whole object says what it is about; the object itself would drown that.
    shown = None if kind == "value_error" and isinstance(value, dict) else value
    remedy = EDIT if details["loc"][-1:] == (KEY,) else _remedy(place, value)
    return Problem(area + path, _sentence(details), told(place), shown, remedy)


_SENTENCES = {
    "bool_type": "is neither true nor false",
    "dict_type": "is not an object",
    "float_type": "is not a number",
    "int_from_float": "is not a whole number",
    "int_type": "is not a whole number",
    "model_type": "is not an object",
    "string_too_short": "is empty",
    "string_type": "is not text",
    "too_short": "has too few entries",
    "tuple_type": "is not a list",
}


def _sentence(details: ErrorDetails) -> str:
    kind, message = details["type"], details["msg"]
    if kind in {"value_error", "broken_rule"}:
        return message.removeprefix("Value error, ")
    if kind in _SENTENCES:
        return "is null" if details["input"] is None else _SENTENCES[kind]
    limit = next(iter(details.get("ctx", {}).values()), None)
    if isinstance(limit, timedelta):
        side = "below" if kind.startswith("greater") else "above"
        return f"is {side} {format_duration(limit)}"
    message = message.removeprefix("Input ")
    return f"{message[0].lower()}{message[1:]}"


def _inside(value: object, key: Iterable[str | int]) -> object:
    for step in key:
        match value:
            case dict():
                value = value.get(step)
            case list() if isinstance(step, int):
                value = value[step]
            case _:
                return None
    return value


def _remedy(place: Mapping[str, Any], value: object) -> str:
    """What sets such a value: the engine's command makes its own guess at types."""
    kind = place.get("type")
    if kind in {"array", "object"} or "discriminator" in place:
        return EDIT
    if kind == "number":
        return SET_NUMBER
    return SET_TEXT if kind == "string" and not isinstance(value, str) else SET


def _short(value: object) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    # What stands behind the first line of a text is rather a file than a value; a file may hold
    # what is nobody's business, and so may a URL.
    first = value.partition("\n")[0] if isinstance(value, str) else value
    text = re.sub(r"://[^/@\s]+@", "://***@", json.dumps(first, default=str, ensure_ascii=False))
    text = re.sub(r"(\?|hooks\.slack\.com/)[^\s\"]+", r"\1***", text)
    return _cut(text if first == value else f"{text}...", LONGEST_VALUE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}..."
