"""Configuration keys that the pages name exist in the models."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from settings.load import KEYS
from settings.reference import AREAS
from tests.docs.pages import pages

AREA_NAMES = {area.removesuffix("[]"): area for area in AREAS}
FULL = re.compile(r"brisa-platform:([A-Za-z]+)(?:\[\])?((?:\.[A-Za-z0-9]+)*)")
SHORT = re.compile(rf"^({'|'.join(AREA_NAMES)}|route)((?:\.[A-Za-z][A-Za-z0-9]*(?:\[\])?)+)(?::|$)")
FILES = (".md", ".py", ".yaml", ".json")


def options(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects that a place may hold."""
    if "$ref" in schema:
        yield from options(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    for way in ("anyOf", "oneOf", "allOf"):
        for option in schema.get(way, []):
            yield from options(option, root)
    if "items" in schema:
        yield from options(schema["items"], root)
    if "properties" in schema or schema.get("type") == "object":
        yield schema


def exists(area: str, path: list[str]) -> bool:
    """Whether a model has a key."""
    if area not in AREA_NAMES:
        return area in KEYS and not path
    root = AREAS[AREA_NAMES[area]].model_json_schema(by_alias=True)
    places = [root]
    for key in path:
        objects = [found for place in places for found in options(place, root)]
        if any("properties" not in found for found in objects):
            return True  # chart values: free
        places = [found["properties"][key] for found in objects if key in found["properties"]]
    return bool(places)


def keys(text: str, spans: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Every key that a page names, by its full name or between backticks by its short one."""
    for area, path in FULL.findall(text):
        yield area, path.strip(".").split(".") if path else []
    for span in spans:
        if (short := SHORT.match(span)) and not span.endswith(FILES):
            area, path = short[1], short[2].replace("[]", "").strip(".").split(".")
            yield ("services", ["route", *path]) if area == "route" else (area, path)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_named_keys_exist(page):
    wrong = [(area, path) for area, path in keys(page.text, page.spans) if not exists(area, path)]
    assert not wrong


@pytest.mark.parametrize(
    "text, found",
    [
        ("brisa-platform:chaos.killSwitch", True),
        ("brisa-platform:chaos.kill", False),
        ("brisa-platform:services[].route.canary.owner", True),
        ("brisa-platform:services[].route.canary.own", False),
        ("brisa-platform:chaos.schedules.fault.volumePath", True),
        ("brisa-platform:mesh.istiodChart.values.anything.at.all", True),
        ("brisa-platform:slackToken", True),
        ("brisa-platform:slack", False),
    ],
)
def test_a_key_is_looked_up_in_the_models(text, found):
    ((area, path),) = keys(text, [])
    assert exists(area, path) is found


def test_short_names_count_too():
    assert list(keys("", ["mesh.mtls.mode: STRICT", "route.timeout", "chaos.md"])) == [
        ("mesh", ["mtls", "mode"]),
        ("services", ["route", "timeout"]),
    ]
