"""What is wrong with a configuration, said so that its author can mend it in one go."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]

LONGEST = 120
"""Characters of a value that are shown."""

SECRETIVE = {"url", "webhook", "webhook_url", "routing_key", "password", "bearer_token", "file"}
"""Keys whose value is not repeated: it may hold what does not belong there."""

NO_OBJECT = {"model_type", "model_attributes_type", "dict_type"}
"""Problems of what stands where an object belongs: as likely a secret as anything else."""

WORDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "minLength": "length from",
    "maxLength": "length up to",
    "pattern": "that matches",
}
"""What bounds a value in a JSON schema, in words."""


def report(
    model: type[BaseModel], error: ValidationError, file: str, variables: Mapping[Place, str]
) -> str:
    """All that pydantic found, under a line that counts it.

    Args:
        model: what was to be read.
        error: its findings.
        file: name of the file that was read.
        variables: place and the environment variable that set it.
    """
    schema = model.model_json_schema()
    problems = error.errors(include_url=False)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    parts = [_problem(schema, found, file, variables) for found in problems]
    return "\n".join([f"the configuration has {count}; nothing was done", *parts])


def _problem(
    schema: Mapping[str, Any], found: ErrorDetails, file: str, variables: Mapping[Place, str]
) -> str:
    """Where something is wrong, as its author wrote it; what, what would be right, what to do."""
    place = found["loc"]
    variable = variables.get(place)
    name = variable or dotted(place) or file
    where = _locate(schema, place)
    if found["type"] == "missing":
        return _lines(name, "is missing", _allowed(schema, where), f"write it into {file}")
    if found["type"] == "extra_forbidden":
        known = sorted(_locate(schema, place[:-1]).get("properties", ()))
        close = difflib.get_close_matches(str(place[-1]), known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        allowed = f"one of {', '.join(known)}"
        return _lines(name, f"is no known key{hint}", allowed, f"remove it from {file}")
    remedy = f"set the variable {variable}" if variable else f"change it in {file}"
    shown = _shown(place, found)
    head = name if shown is None else f"{name} = {shown}"
    message = found["msg"].removeprefix("Value error, ").removeprefix("Input ")
    wrong = f"{message[0].lower()}{message[1:]}"
    return _lines(head, wrong, _allowed(schema, where), remedy)


def _lines(head: str, wrong: str, allowed: str, remedy: str) -> str:
    return f"  {head}\n      wrong:   {wrong}\n      allowed: {allowed}\n      next:    {remedy}"


def dotted(place: Place) -> str:
    """A place as people write it: `signals[0].kind`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).lstrip(".")


def _shown(place: Place, found: ErrorDetails) -> str | None:
    """The value; of an object only that it is one, and nothing where a secret may stand."""
    value = found["input"]
    if isinstance(value, (dict, list)) or not SECRETIVE.isdisjoint(place):
        return None
    if found["type"] in NO_OBJECT and isinstance(value, str):
        return None
    # Of a URL its server only: user, path and query may hold what nobody else is to know.
    text = json.dumps(value, default=str, ensure_ascii=False)
    text = re.sub(r"://(?:[^\s/?#\"]*@)?([^\s/?#@\"]*)[^\s\"]*", r"://\1/***", text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _locate(schema: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    """What the schema says of a place; nothing where it does not know it."""
    here = _resolved(schema, schema)
    for step in place:
        inner = here.get("items") if isinstance(step, int) else here.get("properties", {}).get(step)
        more = here.get("additionalProperties")
        here = _resolved(schema, inner or (more if isinstance(more, dict) else {}))
    return here


def _resolved(schema: Mapping[str, Any], here: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and of what may also be null take what it else is."""
    options = [option for option in here.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        here = {**options[0], **{key: here[key] for key in here if key != "anyOf"}}
    if "$ref" in here:
        target = schema["$defs"][here["$ref"].rpartition("/")[2]]
        here = {**target, **{key: here[key] for key in here if key != "$ref"}}
    return here


def _allowed(schema: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """In words, what a place may hold and what it is for."""
    if "enum" in here:
        text = f"one of {', '.join(map(str, here['enum']))}"
    elif here.get("anyOf"):
        parts = (_allowed(schema, _resolved(schema, option)) for option in here["anyOf"])
        text = " or ".join(parts)
    else:
        words = [WORDS.get(str(here.get("type")), "a value that fits")]
        words += [f"{word} {here[key]}" for key, word in BOUNDS.items() if key in here]
        text = ", ".join(words)
    described = " ".join(str(here.get("description", "")).split())
    return f"{text} ({described})" if described else text
