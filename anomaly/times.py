"""Times and spans of time as people write and read them: UTC, and `90m` for an hour and a half."""

import math
import re
from datetime import UTC, datetime

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
