"""Windows of civil time that come again and again: where a cron expression opens them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, WEEKDAYS),
)
"""Name, first and last number, and the words for the numbers from the first on."""


@dataclass(frozen=True)
class Recurrence:
    """When a window opens, in the civil time of a zone, and how long the clock says it lasts."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    duration: timedelta
    zone: ZoneInfo

    def windows(self, first: float, last: float) -> Iterator[tuple[float, float]]:
        """Windows that touch a span of epoch seconds, as epoch seconds; they may overlap."""
        day = datetime.fromtimestamp(first, self.zone).date() - self.duration - timedelta(1)
        end = datetime.fromtimestamp(last, self.zone).date()
        while day <= end:
            if self._opens_on(day):
                yield from self._on(day)
            day += timedelta(1)

    def _opens_on(self, day: date) -> bool:
        weekday = day.isoweekday() % len(WEEKDAYS)
        return day.month in self.months and day.day in self.days and weekday in self.weekdays

    def _on(self, day: date) -> Iterator[tuple[float, float]]:
        for hour in self.hours:
            for minute in self.minutes:
                opens = datetime.combine(day, time(hour, minute))
                yield self._moments(opens)[0], max(self._moments(opens + self.duration))

    def _moments(self, clock: datetime) -> tuple[float, float]:
        """Both moments at which the clock on the wall shows so; one, unless it is put back."""
        local = clock.replace(tzinfo=self.zone)
        return local.timestamp(), local.replace(fold=1).timestamp()


def recurrence(expression: str, duration: timedelta, zone: ZoneInfo) -> Recurrence:
    """Read a cron expression of five fields.

    Raises:
        ValueError: when it is none; the text says which field and what it may hold.
    """
    words = expression.lower().split()
    if len(words) != len(FIELDS):
        raise ValueError(f"has {len(words)} fields, and cron has {len(FIELDS)}, as in '0 22 * * 6'")
    if "*" not in (words[2], words[4]):
        raise ValueError("names a day of the month and a weekday; leave one of them *")
    minutes, hours, days, months, weekdays = map(_field, words, FIELDS)
    return Recurrence(minutes, hours, days, months, weekdays, duration, zone)


def _field(text: str, field: tuple[str, int, int, tuple[str, ...]]) -> frozenset[int]:
    name, first, last, names = field
    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        try:
            begin = first if low == "*" else _number(low, first, names)
            wide = low == "*" or (step and not high)
            end = _number(high, first, names) if high else last if wide else begin
            chosen = range(begin, end + 1, int(step or 1))
        except ValueError:
            chosen = range(0)
        if not chosen or not first <= chosen[0] <= chosen[-1] <= last:
            raise ValueError(f"{part!r} is no {name}; use {first} to {last}, *, a-b, */n or a list")
        numbers.update(chosen)
    return frozenset(numbers)


def _number(text: str, first: int, names: tuple[str, ...]) -> int:
    return names.index(text) + first if text in names else int(text)


def moment(text: str, zone: ZoneInfo) -> float:
    """Epoch seconds of an ISO 8601 time; one without an offset is of the zone.

    Raises:
        ValueError: when it is none.
    """
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; use ISO 8601: 2026-11-02T03:00:00Z") from None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC).timestamp()
