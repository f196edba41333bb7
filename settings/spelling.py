"""What a stack file says other than it looks: numbers as YAML reads them, unseen characters.

`port: 010` is 8 to YAML, and so to the engine; whoever is given the value cannot tell any more.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from settings.problems import EDIT, PROJECT, Problem
from settings.schema import Path as Place

_PLAIN = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_INTEGER = "tag:yaml.org,2002:int"
_ENGINES = re.compile(r"[-+]?([0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+|0o[0-7_]+)")
"""What only the engine's YAML reads as a number: `1e3`, or a short commit, `12e4567`."""


def check_numbers(file: Path) -> Iterator[Problem]:
    """Whole numbers of our areas that are written in another base, or in pieces."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return  # the engine, which has read it, says what is wrong with it
    for step, node in _children(root):
        if step == "config":
            for key, area in _children(node):
                if str(key).startswith(f"{PROJECT}:"):
                    yield from _misread((str(key).removeprefix(f"{PROJECT}:"),), area)


def _misread(path: Place, node: yaml.Node) -> Iterator[Problem]:
    if isinstance(node, yaml.ScalarNode):
        if node.tag == _INTEGER and not _PLAIN.fullmatch(node.value):
            read = yaml.safe_load(node.value)
            what = f"is written {node.value}, which YAML reads as {read}"
            yield Problem(path, what, "a decimal number, or text in quotes", remedy=EDIT)
        elif node.style is None and _ENGINES.fullmatch(node.value):
            what = f"is written {node.value}, which is read as a number in another spelling"
            yield Problem(path, what, "a decimal number, or text in quotes", remedy=EDIT)
        return
    for step, child in _children(node):
        yield from _misread((*path, step), child)


def _children(node: yaml.Node | None) -> Iterator[tuple[str | int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, child) for key, child in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def check_unseen(raw: Mapping[str, str]) -> Iterator[Problem]:
    """Characters that nobody sees, in keys and in values, and that make them others."""
    for key, text in raw.items():
        try:
            tree = json.loads(text)
        except ValueError:
            tree = text
        for path in _unseen((key,), tree):
            what = "has a character in it, or in its name, that nobody sees"
            yield Problem(path, what, "what is seen: type it anew instead of copying", remedy=EDIT)


def _unseen(path: Place, node: object) -> Iterator[Place]:
    match node:
        case str() if not _is_seen(node):
            yield path
        case dict():
            for key, child in node.items():
                if not _is_seen(key):
                    yield path
                yield from _unseen((*path, key), child)
        case list():
            for place, child in enumerate(node):
                yield from _unseen((*path, place), child)


def _is_seen(text: str) -> bool:
    return all(each.isprintable() or each in "\n\r\t" for each in text)
