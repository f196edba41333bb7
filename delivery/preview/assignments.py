"""Values that a text gives to names under which nothing is shown: in YAML, JSON, shells and URLs.

Finds where such a value ends: at its quote, its bracket, the end of its block, or what separates it
from the next.
"""

import re

WORDS = (
    r"pass(?:word|wd|phrase)?|pwd|token|secret|(?:api|private|signing|routing)[_-]?key"
    r"|credential|kubeconfig|authorization|cookie"
)
SECRET_NAME = re.compile(rf"(?i)(?:{WORDS})s?$")
"""A name under which nothing is shown; wider than what a policy refuses."""

_QUOTE = r"""\\? ["']?"""
# NAME=..., "name": ... and the like; or `name: NAME` and beside it `value: ...`
_ASSIGNED = re.compile(
    rf"""(?ix)
    (?:{WORDS})s? {_QUOTE} [ \t]* [:=] [ \t]*
    | (?:name|key) {_QUOTE} \s{{0,9}} [:=] \s{{0,9}} {_QUOTE} [\w.-]{{0,99}} (?:{WORDS})s? {_QUOTE}
      [\s,]{{0,99}} {_QUOTE} value {_QUOTE} \s{{0,9}} [:=] [ \t]*"""
)
_QUOTED = re.compile(r"""\\"(?:[^"\\]|\\[^"])*\\" | "(?:[^"\\]|\\.)*" | '[^']*'""", re.VERBOSE)
_PLAIN = re.compile(r"[^\n,;&}\]]+")
_BLOCK = re.compile(r"(?:[|>][-+\d]*)?[ \t]*\n")
_OPENING, _CLOSING = "{[", "}]"


def without_values(words: str, shown: str) -> str:
    """The text with something else shown in place of each such value."""
    kept: list[str] = []
    position = 0
    for name in _ASSIGNED.finditer(words):
        if name.start() < position:
            continue
        end = _end(words, name)
        if end > name.end():
            kept += [words[position : name.end()], shown]
            position = end
    return "".join([*kept, words[position:]])


def _end(words: str, name: re.Match[str]) -> int:
    start = name.end()
    if quoted := _QUOTED.match(words, start):
        return quoted.end()
    if words[start : start + 1] in {*_OPENING}:
        return _closing(words, start)
    if block := _BLOCK.match(words, start):
        return _block_end(words, name.start(), block.end())
    plain = _PLAIN.match(words, start)
    return plain.end() if plain else start


def _closing(words: str, start: int) -> int:
    """Where the bracket at `start` is closed; the end of the text when it never is."""
    depth, position = 0, start
    while position < len(words):
        if quoted := _QUOTED.match(words, position):
            position = quoted.end()
            continue
        depth += (words[position] in _OPENING) - (words[position] in _CLOSING)
        position += 1
        if depth == 0:
            return position
    return position


def _block_end(words: str, name: int, start: int) -> int:
    """Where the lines end that belong to a name; they stand further in, or are its list."""
    first = words[words.rfind("\n", 0, name) + 1 : name]
    indent = len(first) - len(first.lstrip(" \t"))
    position = start
    while position < len(words):
        end = words.find("\n", position) + 1 or len(words)
        line = words[position:end].rstrip("\n")
        inside = len(line) - len(line.lstrip(" \t"))
        if line.strip() and inside <= indent and not line.lstrip().startswith("- "):
            return position
        position = end
    return position
