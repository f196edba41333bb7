"""Times, spans of time and numbers as people write and read them; JSON documents and plain tables.

Times are UTC, and `90m` is an hour and a half. The zipapp has no library for tables; in JSON is no
number that it does not know.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from math import isfinite
from typing import Annotated, Any, get_args, get_type_hints

Epoch = Annotated[float, "seconds since 1970"]
"""A moment. A field of this type is in UTC where documents show it."""

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def utc(epoch: float) -> str:
    """Epoch seconds as a time in UTC, to the second."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(text: str) -> float:
    """A time as epoch seconds: they themselves, or RFC 3339 (UTC where no zone is given).

    Raises:
        ValueError: it is neither.
    """
    try:
        seconds = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(seconds):
        raise ValueError(f"{text} is not a time")
    return seconds


def seconds(text: str) -> float:
    """A span of time such as `90s`, `10m`, `1h30m`, `14d`; a bare number is seconds.

    Raises:
        ValueError: it is none.
    """
    parts = _DURATION.findall(text)
    if parts and "".join(f"{count}{unit}" for count, unit in parts) == text:
        return sum(float(count) * UNITS[unit] for count, unit in parts)
    span = float(text)
    if not 0 <= span < math.inf:
        raise ValueError(f"{text} is not a span of time")
    return span


def duration(span: float) -> str:
    """A span of time in its two largest units, such as `1h30m`; `-` for NaN."""
    if not math.isfinite(span):
        return "-"
    rest, words = round(span), []
    for unit, size in reversed(UNITS.items()):
        if rest >= size and unit != "w":
            words.append(f"{rest // size}{unit}")
            rest %= size
    return "".join(words[:2]) or "0s"


VERSION = 1
"""Of all documents; a field that goes or changes its meaning makes it 2, a new field does not."""


def document(kind: str, about: object = None, /, **more: Any) -> str:
    """The fields of an object, and further ones, on one line, as collectors of logs like it."""
    own = plain(about) if about else {}
    return json.dumps({"kind": kind, "version": VERSION, **own, **plain(more)}, allow_nan=False)


def plain(value: Any) -> Any:
    """A value of what JSON knows: objects by their fields; numbers beyond its range are null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        moments = _moments(type(value))
        return {
            field.name: utc(each) if field.name in moments and each is not None else plain(each)
            for field in fields(value)
            for each in [getattr(value, field.name)]
        }
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


@cache
def _moments(kind: type) -> frozenset[str]:
    """Fields that hold moments."""
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(name for name, hint in hints.items() if Epoch in (hint, *get_args(hint)))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns under their names; those that hold numbers are aligned to the right."""
    lines = [tuple(columns), *(tuple(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    numeric = [
        any(row[place] != UNKNOWN for row in rows) and all(_is_number(row[place]) for row in rows)
        for place in range(len(columns))
    ]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


UNKNOWN = "-"
"""What stands for a figure that nobody knows."""


def share(value: float) -> str:
    """A share of one, with two decimals."""
    return f"{value:.2f}" if isfinite(value) else UNKNOWN


def percent(value: float) -> str:
    """A share of one, in percent."""
    return f"{100 * value:.1f}%" if isfinite(value) else UNKNOWN


def amount(value: float, unknown: str = UNKNOWN) -> str:
    """A value, in four digits."""
    return f"{value:.4g}" if isfinite(value) else unknown


def bounds(lower: float, upper: float) -> str:
    """What is normal, from its lower to its upper edge."""
    return f"{amount(lower)}..{amount(upper)}" if isfinite(lower) or isfinite(upper) else UNKNOWN


def _is_number(cell: str) -> bool:
    """Whether a cell is a figure, or the lack of one; a time is none."""
    return cell == UNKNOWN or (cell.lstrip("-")[:1].isdigit() and not cell.endswith("Z"))
