"""Text of others as Markdown that says just that: no links, no mentions, no markup.

What is previewed may come from anybody who can open a pull request.
"""

import re
from collections.abc import Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>#+!|~&$])")
_ALIVE = re.compile(r"@|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
_STILL = r"\g<0>" + "\u200b"
"""Nothing that is seen, and neither a mention nor a link any more."""

_SHORTEST_FENCE = 3


def code(text: str, longest: int = 120) -> str:
    """A short text as code, fit for a table."""
    line = _line(text, longest)
    if not line:
        return ""
    return f"`{line.replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def prose(text: str, longest: int = 600) -> str:
    """A text as words, fit for a table."""
    return _ALIVE.sub(_STILL, _PUNCTUATION.sub(r"\\\1", _line(text, longest)))


def fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Lines as a block of code that none of them can end."""
    runs = re.findall(r"`+", "\n".join(lines))
    fence = "`" * max(_SHORTEST_FENCE, 1 + max(map(len, runs), default=0))
    return [f"{fence}{language}", *lines, fence]


def visible(line: str) -> str:
    """A line of a block without control characters that would change how it is read."""
    return _CONTROL.sub(" ", line.replace("\t", "    "))


def _line(text: str, longest: int) -> str:
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[:longest]}..."
