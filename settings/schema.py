"""Reading a model's JSON schema: the place that a path leads to, and in words what it may hold."""

from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Keys and positions, from the area's key down: `("services", 0, "port")`."""

KEY = "[key]"
"""Step of a pydantic location: what is wrong is the key before it, not what stands under it."""


def locate(schema: Mapping[str, Any], loc: Iterable[str | int]) -> tuple[Path, Mapping[str, Any]]:
    """Follow a pydantic location; returns the path without union tags, and the schema there."""
    path: list[str | int] = []
    place = _resolve(schema, schema)
    names: Mapping[str, Any] = {}
    for step in loc:
        if step == KEY:
            place = names
            continue
        names = place.get("propertyNames", {})
        mapping = place.get("discriminator", {}).get("mapping", {})
        if step in mapping:
            place = _resolve(schema, {"$ref": mapping[step]})
            continue
        path.append(step)
        if isinstance(step, int):
            place = _resolve(schema, place.get("items", {}))
        else:
            place = _resolve(schema, place.get("properties", {}).get(step, free(place)))
    return tuple(path), place


def free(place: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may stand under keys that are the author's choice; empty where there are none."""
    others = place.get("additionalProperties")
    return others if isinstance(others, Mapping) else {}


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


_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "minLength": "length from",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "maxLength": "length up to",
    "minItems": "entries from",
}


def allowed(place: Mapping[str, Any]) -> str:
    """Say in words what a place may hold."""
    if "range" in place:
        return f"a duration such as 30s or 5m0s, from {place['range'].replace(' to ', ' up to ')}"
    if "enum" in place or "const" in place:
        return f"one of {', '.join(map(str, place.get('enum', [place.get('const')])))}"
    if "discriminator" in place:
        return f"an object whose kind is one of {', '.join(kinds(place))}"
    parts = [place.get("allowed") or _WORDS.get(str(place.get("type")), "a value that fits")]
    parts += [f"{words} {place[key]}" for key, words in _BOUNDS.items() if key in place]
    if place.get("type") == "object" and place.get("properties"):
        parts.append(f"with the keys {', '.join(sorted(place['properties']))}")
    return ", ".join(parts)


def told(place: Mapping[str, Any]) -> str:
    """What a place may hold, and what it is for."""
    rule = f": {place['rule']}" if "rule" in place else ""
    described = " ".join(str(place.get("description", "")).split())
    return f"{allowed(place)}{rule}{f' ({described})' if described else ''}"


def kinds(place: Mapping[str, Any]) -> list[str]:
    """What `kind` may say where there are several."""
    return sorted(place.get("discriminator", {}).get("mapping", ()))
