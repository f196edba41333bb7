"""Durations as Go and Kubernetes write them (`5m0s`, `1h30m`, `200ms`)."""

import re
from datetime import timedelta
from decimal import Decimal

_UNITS = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("0.001"),
    "us": Decimal("0.000001"),
    "ns": Decimal("0.000000001"),
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ns|us|ms|h|m|s)")
EXPECTED = "a Go duration such as 30s, 5m0s or 1h30m (units h, m, s, ms)"


def parse_duration(text: str) -> timedelta:
    """Read a Go duration string.

    Raises:
        ValueError: when `text` is not one; a bare number has no unit and is refused.
    """
    position, seconds = 0, Decimal(0)
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            break
        seconds += Decimal(part[1]) * _UNITS[part[2]]
        position = part.end()
    if not text or position < len(text):
        raise ValueError(f"{text!r} is not {EXPECTED}")
    try:
        return timedelta(seconds=float(seconds))
    except OverflowError:
        raise ValueError(f"{text!r} is too long to be a duration") from None


def format_duration(duration: timedelta) -> str:
    """Write a duration the way Go prints it, so that a round trip changes nothing."""
    total = duration.total_seconds()
    if total < 1:
        return f"{total * 1000:g}ms" if total else "0s"
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"
    if hours or minutes:
        text = f"{minutes:.0f}m{text}"
    return f"{hours:.0f}h{text}" if hours else text


def format_seconds(duration: timedelta) -> str:
    """Write a duration in seconds (`2s`, `0.1s`), the one form that protobuf's JSON reads."""
    return f"{duration.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"
