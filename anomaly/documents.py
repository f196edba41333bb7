"""How reports are written: JSON documents of one line, and tables of plain text.

The zipapp has no library for tables; in JSON is no number that it does not know.
"""

import json
import math
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

VERSION = 1
"""Of all documents; a field that goes or changes its meaning makes it 2, a new field does not."""


def document(kind: str, **fields: Any) -> str:
    """One document on one line, as collectors of logs like it."""
    return json.dumps(plain({"kind": kind, "version": VERSION, **fields}), allow_nan=False)


def plain(value: Any) -> Any:
    """A value of what JSON knows; numbers beyond its range are null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


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


def amount(value: float) -> str:
    """A value, in four digits."""
    return f"{value:.4g}" if isfinite(value) else UNKNOWN


def bounds(lower: float, upper: float) -> str:
    """What is normal, from its lower to its upper edge."""
    return f"{amount(lower)}..{amount(upper)}" if isfinite(lower) or isfinite(upper) else UNKNOWN


def _is_number(cell: str) -> bool:
    """Whether a cell is a figure, or the lack of one; a time is none."""
    return cell == UNKNOWN or (cell.lstrip("-")[:1].isdigit() and not cell.endswith("Z"))
