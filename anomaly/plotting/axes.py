"""Where ticks stand and what is written at them: round numbers, and times that people say."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

MINUTE, HOUR, DAY = 60, 3600, 86_400
TIME_STEPS = (
    *(MINUTE * each for each in (1, 2, 5, 10, 15, 30)),
    *(HOUR * each for each in (1, 2, 3, 6, 12)),
    *(DAY * each for each in (1, 2, 7, 14)),
)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
FIRST_MONDAY = 4 * DAY
"""Steps of weeks count from the first Monday of the epoch."""

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
LEAST_PREFIXED = 10_000
SMALLEST_PLAIN = 1e-3


@dataclass(frozen=True)
class Tick:
    """A place on an axis."""

    at: float
    """Value, or epoch seconds."""

    label: str
    """What is written there."""


def value_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Up to so many round numbers within a range that is not empty."""
    step = _round_up((high - low) / most)
    places = range(math.ceil(low / step), math.floor(high / step) + 1)
    largest = max(abs(low), abs(high))
    return [Tick(place * step, amount(place * step, step, largest)) for place in places]


def _round_up(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * (1 - 1e-9))


def amount(value: float, step: float, largest: float) -> str:
    """A number, as short as neighbours at that distance allow, in the unit of the largest."""
    if largest < SMALLEST_PLAIN or largest >= PREFIXES[0][0] * 1000:
        return f"{value:.3g}"
    scale, prefix = next(
        ((scale, prefix) for scale, prefix in PREFIXES if largest >= max(scale, LEAST_PREFIXED)),
        (1.0, ""),
    )
    decimals = max(0, -math.floor(math.log10(step / scale) + 1e-9))
    return f"{value / scale:.{decimals}f}{prefix}" if value else "0"


def time_ticks(start: float, end: float, most: int) -> list[Tick]:
    """Up to about so many round times within a span, in UTC."""
    step = next((step for step in TIME_STEPS if (end - start) / step <= most), None)
    if step is None:
        return list(_months(start, end, most))
    origin = FIRST_MONDAY if step % (7 * DAY) == 0 else 0
    first, last = math.ceil((start - origin) / step), math.floor((end - origin) / step)
    times = [origin + place * step for place in range(first, last + 1)]
    return [Tick(time, _time_of_day(time)) for time in times]


def _time_of_day(epoch: float) -> str:
    """The hour, and at midnight the day."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return f"{moment:%d %b}" if epoch % DAY == 0 else f"{moment:%H:%M}"


def _months(start: float, end: float, most: int) -> Iterator[Tick]:
    begin, stop = (datetime.fromtimestamp(epoch, UTC) for epoch in (start, end))
    first, last = (12 * moment.year + moment.month - 1 for moment in (begin, stop))
    step = next((step for step in MONTH_STEPS if (last - first) / step <= most), MONTH_STEPS[-1])
    for month in range(first // step * step, last + 1, step):
        moment = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        if begin <= moment <= stop:
            yield Tick(moment.timestamp(), f"{moment:%b %Y}")
