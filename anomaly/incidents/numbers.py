"""Numbers, times and spans of time as people read them in alerts."""

import math
from datetime import UTC, datetime

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
SPANS = ((86_400, "d"), (3600, "h"), (60, "min"))
SHARE = "of "
"""How the unit of a share begins: `of requests`."""


def quantity(value: float, unit: str) -> str:
    """A value with its unit: `412 milliseconds`, `5.3 % of requests`, `1.2 G bytes`."""
    if math.isnan(value):
        return "no value"
    if unit.startswith(SHARE):
        return f"{value * 100:.3g} % {unit}"
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """Four digits at most that mean something."""
    for size, prefix in PREFIXES:
        if abs(value) >= size:
            return f"{value / size:.4g} {prefix}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - four digits


def clock(epoch: float) -> str:
    """A moment: `2026-11-24 14:05 UTC`."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")


def span(seconds: float) -> str:
    """A span of time in its largest two units: `1 d 2 h`, `25 min`, `40 s`."""
    rest, parts = int(seconds), []
    for size, name in SPANS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or f"{rest} s"
