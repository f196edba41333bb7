"""Where secrets stand in a text or in an object, and the same without them.

Reads assignments (`NAME=...`, `"name": ...`, `--name ...`, `name: NAME` beside `value: ...`) in
YAML, JSON, shells, URLs and connection strings, and documents inside texts. What a secret is says
`secrets`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

from vocabulary.secrets import (
    NAMES,
    NO_SECRET,
    decoded,
    is_elsewhere,
    is_encoded,
    is_random,
    is_secret,
    shapes,
    words,
)

HIDDEN = "[secret]"
LONGEST_DOCUMENT = 200_000
"""Characters of a text that is taken apart; a longer one is read as words."""

_PROBE = "k3q9Zr71Lw"
"""A value that is a secret under every name that can be one's."""

Steps = tuple[str | int, ...]
Span = tuple[int, int, str]
"""From where, to where, what."""

_QUOTE = r"""\\? ["']?"""
_ASSIGNED = re.compile(
    rf"""(?x)
    (?:name|key) {_QUOTE} \s{{0,9}} [:=] \s{{0,9}} {_QUOTE} (?P<beside>[\w.-]{{1,99}}) {_QUOTE}
      [\s,]{{0,99}} {_QUOTE} value {_QUOTE} \s{{0,9}} [:=] [ \t]*
    | (?<![\w.-]) (?P<flag>--?[A-Za-z][\w-]{{1,99}}) [ ]+ (?![-=])
    | \bdefine\( \s{{0,9}} {_QUOTE} (?P<defined>\w{{1,99}}) {_QUOTE} \s{{0,9}} , [ \t]*
    | (?<![\w./-]) (?<!\w:) -{{0,2}}
      (?P<name>[A-Za-z_][\w./-]{{0,99}}(?:[ ]key|[ ]token|[ ]password)?)
      {_QUOTE} [ \t]* (?: := | => | = (?!//) | : (?!//|\w+:\w) ) [ \t]*"""
)
_QUOTED = re.compile(r"""\\"(?:[^"\\]|\\[^"])*\\" | "(?:[^"\\]|\\.)*" | '[^']*'""", re.VERBOSE)
_LONGEST, _MOST_WORDS = 2_000, 20
"""Characters and words of a value that are looked at, so that no text takes for ever."""

_PLAIN = re.compile(rf"[^\n,;&}}\]\"']{{1,{_LONGEST}}}")
_TIGHT = re.compile(rf"[^\s,;&}}\]\"']{{1,{_LONGEST}}}")
_HEADER_VALUE = re.compile(rf"[^\n\"']{{1,{_LONGEST}}}")
_WORD = re.compile(r"[^\s\"']+")
_BLOCK = re.compile(r"(?:[|>][-+\d]*)?[ \t]*\n")
_COMMENT = re.compile(r"\s+#.*")
_HEADERS = ("authorization", "cookie")
_SHORTEST_QUOTED = 4
"""Characters; what is shorter is the label of a query."""

_SCHEMES = ("basic", "bearer", "digest", "token", "apikey")
_OPENING, _CLOSING = "{[", "}]"
_TAIL = re.compile(r"[\w./:%?&=+~-]*")
_ABOUT = re.compile(
    r"(?:name|namespace|ref|key|keys|path|file|mount|mode|optional|kind|version|items|type|ttl"
    r"|issuer|audience|url|uri|host|port|id|selector|labels?|annotations|policy|enabled|seconds"
    r"|user|username|count|length|size|algorithm|description|title|scope|method|provider|group"
    r"|role|env|class|format|properties|required|example)$"
)
"""Last words of fields that say something about the secret beside them."""


def found(value: Any, steps: Steps = (), under: str = "") -> Iterator[tuple[Steps, str]]:
    """Every place of an object that holds a secret, and what it holds.

    Args:
        value: The object, or a part of it.
        steps: Where it stands.
        under: The name under which it stands.
    """
    if isinstance(value, Mapping):
        beside = name_beside(value)
        for key, entry in value.items():
            yield from found(entry, (*steps, key), name_of(str(key), under, beside))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        inside = False
        for place, entry in enumerate(value):
            for found_there in found(entry, (*steps, place), flag_before(value, place) or under):
                inside = True
                yield found_there
        if not inside and (what := _together(value)):
            yield steps, what
    elif is_secret(under, value):
        yield steps, f"the value of {under}"
    elif isinstance(value, str):
        for what in disclosed(value):
            yield steps, what
            return


def disclosed(text: str) -> Iterator[str]:
    """What of a text is a secret: in its words, in the document it is, or in what it encodes."""
    for _, _, what in spans(text):
        yield what
    inner = document(text)
    if inner is not None:
        for _, what in found(inner):
            yield what
    elif is_encoded(text) and (plain := decoded(text)):
        yield from disclosed(plain)


def redacted(value: Any, under: str = "") -> Any:
    """An object, or a part of it, without the secrets in it.

    Args:
        value: The object, or the part.
        under: The name under which it stands.
    """
    if isinstance(value, Mapping):
        beside = name_beside(value)
        return {
            key: redacted(entry, name_of(str(key), under, beside)) for key, entry in value.items()
        }
    if isinstance(value, list | tuple):
        if _together(value):
            return HIDDEN
        return [redacted(each, flag_before(value, n) or under) for n, each in enumerate(value)]
    if is_secret(under, value):
        return HIDDEN
    if not isinstance(value, str):
        return value
    shown = without(value)
    # What is left may still be one that is written in base64.
    return HIDDEN if shown == value and any(disclosed(value)) else shown


def without(text: str) -> str:
    """A text without the secrets in it."""
    kept: list[str] = []
    position = 0
    for start, end, _ in sorted(spans(text)):
        if end > position:
            kept += [text[position : max(start, position)], HIDDEN if start >= position else ""]
            position = end
    kept.append(text[position:])
    return "".join(kept)


def spans(text: str) -> Iterator[Span]:
    """The parts of a text that are secrets; they may overlap."""
    for what, start, end in shapes(text):
        tail = _TAIL.match(text, end)
        yield start, tail.end() if tail and text[end : end + 1] != "@" else end, what
    position = 0
    while name := _ASSIGNED.search(text, position):
        position = name.end()
        told = name["beside"] or name["flag"] or name["defined"] or name["name"]
        if not is_secret(told, _PROBE):
            continue
        start, end = name.end(), _end(text, name)
        if end > start and _is_told(told, text[start:end], is_flag=bool(name["flag"])):
            yield start, end, f"the value of {told.strip('-')}"
            position = end


@lru_cache(NAMES)
def name_of(key: str, under: str, beside: str) -> str:
    """The name that counts for a field: its own, its neighbour's, or that of what it is part of."""
    if key == "value" and beside:
        return beside
    known = words(key) or [""]
    is_its_own = _ABOUT.match(known[-1]) or NO_SECRET & {*known} or is_secret(key, _PROBE)
    return key if is_its_own or not is_secret(under, _PROBE) else under


def name_beside(value: Mapping[Any, Any]) -> str:
    """What an entry such as an environment variable is called; empty when it is not said."""
    name = value.get("name", value.get("key"))
    return name if isinstance(name, str) else ""


def flag_before(values: Sequence[Any], place: int) -> str:
    """The flag whose argument stands at a place of a command line; empty when there is none."""
    before = values[place - 1] if place else ""
    is_flag = isinstance(before, str) and re.fullmatch(r"--?[A-Za-z][\w-]*", before)
    return before if is_flag and not str(values[place]).startswith("-") else ""


def _together(values: Sequence[Any]) -> str | None:
    """The secret that the words of a command are only together, and none of them is alone."""
    if not (1 < len(values) <= _MOST_WORDS and all(isinstance(each, str) for each in values)):
        return None
    apart = any(True for each in values for _ in shapes(each))
    return None if apart else next((what for what, _, _ in shapes(" ".join(values))), None)


def document(text: str) -> Any:
    """What a text holds when it is JSON or YAML with some structure; None when it is not."""
    if len(text) > LONGEST_DOCUMENT or not (text[:1] in _OPENING or "\n" in text):
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = _yaml(text)
    return read if isinstance(read, dict | list) and read else None


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _is_told(name: str, value: str, *, is_flag: bool) -> bool:
    """Whether what a text gives to a name is a secret."""
    inner = None if is_flag else _structure(value)
    if inner is not None:
        return any(True for _ in found(inner, under=name))
    bare = value.strip()
    if _QUOTED.fullmatch(bare):
        inside = bare.strip("\\\"'")
        return len(inside) >= _SHORTEST_QUOTED and is_secret(name, inside)
    if bare[:1] in {"|", ">"}:
        return is_secret(name, " ".join(bare.split()[1:]))
    # Prose behind a colon is none, as long as no word of it looks like one.
    parts = _COMMENT.sub("", bare).strip("\"'").split()[:_MOST_WORDS]
    if len(parts) > 1 and (words(name) or [""])[-1] in _HEADERS:
        return (parts[0].lower() in _SCHEMES and not is_elsewhere(parts[1])) or any(
            map(is_random, parts)
        )
    return not bare.startswith("{{") and any(
        is_secret(name, part) and (len(parts) == 1 or is_random(part)) for part in parts
    )


def _structure(value: str) -> Any:
    """The object or list that a value is; None when it is a scalar."""
    if value.startswith("{{") or (value[:1] not in _OPENING and not _BLOCK.match(value)):
        return None
    read = _yaml(value) if value[:1] not in {"|", ">"} else None
    return read if isinstance(read, dict | list) else None


def _end(text: str, name: re.Match[str]) -> int:
    start = name.end()
    if quoted := _QUOTED.match(text, start):
        return quoted.end()
    if name["flag"]:
        word = _WORD.match(text, start)
        return word.end() if word else start
    if text[start : start + 1] in {*_OPENING}:
        return _closing(text, start)
    if block := _BLOCK.match(text, start):
        return _block_end(text, name.start(), block.end())
    is_header = (words(name["name"] or "") or [""])[-1] in _HEADERS
    # Without blanks around the sign it is a shell's or libpq's, where a blank ends the value.
    tight = text[start - 1] == "=" and not text[start - 2].isspace()
    plain = (_HEADER_VALUE if is_header else _TIGHT if tight else _PLAIN).match(text, start)
    return plain.end() if plain else start


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed; the end of what is looked at when it never is."""
    depth, position = 0, start
    while position < min(len(text), start + _LONGEST):
        if quoted := _QUOTED.match(text, position):
            position = quoted.end()
            continue
        depth += (text[position] in _OPENING) - (text[position] in _CLOSING)
        position += 1
        if depth == 0:
            return position
    return position


def _block_end(text: str, name: int, start: int) -> int:
    """Where the lines end that belong to a name; they stand further in, or are its list."""
    first = text[text.rfind("\n", 0, name) + 1 : name]
    indent = len(first) - len(first.lstrip(" \t"))
    position = start
    while position < min(len(text), start + _LONGEST):
        end = text.find("\n", position) + 1 or len(text)
        line = text[position:end].rstrip("\n")
        inside = len(line) - len(line.lstrip(" \t"))
        if line.strip() and inside <= indent and not line.lstrip().startswith("- "):
            return position
        position = end
    return position
