"""Wall-clock cron schedules, as Kubernetes CronJobs and Chaos Mesh Schedules read them.

Five fields with an optional `CRON_TZ=Zone` in front. `@every` and a seconds field are refused on
purpose: both are anchored to the moment of creation or are too fine to be reviewed. So is whatever
the two readers do not agree on: `L`, `#`, Sunday as 7, and a day of the month beside a weekday.

Both readers compute firings with robfig/cron 3.0.1, and what it does where clocks are put forward
or back is not what other cron implementations do: a time that the night skips does not fire, one
that comes twice fires twice. `vocabulary.timing.cron_steps` follows it there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vocabulary.timing.cron_steps import HOUR, Fields, following, midnight, offset

FIELDS = 5
EXPECTED = (
    "five wall-clock cron fields such as `0 2-4 * * 1-5`, with `CRON_TZ=Zone ` in front if needed"
)
FARTHEST = timedelta(days=5 * 366)
"""Further ahead robfig/cron does not look for the next firing."""

_VALUE = r"([0-9]+|[A-Za-z]{3})"
_TERM = re.compile(rf"(\*|{_VALUE}(-{_VALUE})?)(/[0-9]+)?")
_SEVEN = re.compile(r"(?<![/\d])7(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cron:
    """A parsed schedule."""

    expression: str
    """The five fields."""

    zone: tzinfo
    """The time zone in which they are read; UTC unless `CRON_TZ` says otherwise."""

    fields: Fields
    """What they allow."""

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Read a schedule.

        Raises:
            ValueError: when it is not five wall-clock fields or names an unknown time zone.
        """
        zone_name, expression = "UTC", text.strip()
        if expression.startswith(("CRON_TZ=", "TZ=")):
            zone_text, _, expression = expression.partition(" ")
            zone_name = zone_text.partition("=")[2]
        zone = time_zone(zone_name)
        fields = expression.split()
        if len(fields) != FIELDS or not all(map(_is_portable, fields)):
            raise ValueError(f"{text!r} is not {EXPECTED}")
        minute, hour, day, month, weekday = fields
        if _SEVEN.search(weekday):
            raise ValueError(
                f"{text!r} says 7 for Sunday, which Chaos Mesh refuses; write 0 or sun"
            )
        if "*" not in (day, weekday):
            raise ValueError(
                f"{text!r} names both a day of the month and a weekday, and cron then fires on "
                "either; leave one of them *"
            )
        try:
            read = Fields(
                minutes=_values(minute, 0, 59),
                hours=_values(hour, 0, 23),
                days=_values(day, 1, 31),
                months=_values(month, 1, 12, _MONTHS, 1),
                weekdays=_values(weekday, 0, 6, _WEEKDAYS),
            )
        except ValueError as error:
            raise ValueError(f"{text!r} is not {EXPECTED}: {error}") from None
        if all(min(read.days) > _LONGEST_MONTHS[month - 1] for month in read.months):
            raise ValueError(f"{text!r} is not {EXPECTED}: there is no such day")
        return cls(expression, zone, read)

    def firings(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every firing in the half-open span (start, end], in UTC.

        Civil time neither orders nor adds up well where summer time begins or ends.
        """
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        day = start.astimezone(self.zone).date()
        while (begin := midnight(day, self.zone)) <= end:
            if _is_even(day, self.zone):
                if self.fields.has_day(day):
                    yield from self._between(begin, start, end)
                day += _DAY
                continue
            # From before the change to after it, as the library steps.
            last = day
            while not _is_even(last, self.zone):
                last += _DAY
            rest = min(end, midnight(last, self.zone) - timedelta(seconds=1))
            moment: datetime | None = max(start, begin - timedelta(seconds=1))
            while moment and (moment := following(self.fields, self.zone, moment)):
                if moment > rest:
                    break
                yield moment
            day = last

    def _between(self, begin: datetime, start: datetime, end: datetime) -> Iterator[datetime]:
        """The firings of a day without a change of the clock, as far as they are in the span."""
        for after in self._day:
            firing = begin + after
            if firing > end:
                return
            if firing > start:
                yield firing

    @cached_property
    def _day(self) -> list[timedelta]:
        """How long after midnight it fires on an even day."""
        return [
            timedelta(hours=hour, minutes=minute)
            for hour in sorted(self.fields.hours)
            for minute in sorted(self.fields.minutes)
        ]

    def next(self, after: datetime) -> datetime | None:
        """The first firing after a moment, in the schedule's zone; None within the next years."""
        found = next(self.firings(after, after + FARTHEST), None)
        return found and found.astimezone(self.zone)


@lru_cache(maxsize=20_000)
def _is_even(day: date, zone: tzinfo) -> bool:
    """Whether no change of the clock is near: on the day before, or until it is over."""
    # No zone is further from UTC than fourteen hours. Of a change by half an hour the library is
    # out of step until the next day.
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return offset(begin - 40 * HOUR, zone) == offset(begin + 40 * HOUR, zone)


def _values(
    field: str, first: int, last: int, names: tuple[str, ...] = (), base: int = 0
) -> frozenset[int]:
    """The numbers that a field allows."""
    found: set[int] = set()
    for term in field.lower().split(","):
        span, _, step = term.partition("/")
        low, dash, high = span.partition("-")
        begin = first if low == "*" else _number(low, names, base)
        stop = last if low == "*" or (step and not dash) else begin
        stop = _number(high, names, base) if dash else stop
        if not first <= begin <= stop <= last:
            raise ValueError(f"{term} is not within {first} to {last}")
        if step and not int(step):
            raise ValueError(f"{term} has no step")
        found.update(range(begin, stop + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: tuple[str, ...], base: int) -> int:
    if text.isdecimal():
        return int(text)
    if text not in names:
        raise ValueError(f"{text} is no name")
    return names.index(text) + base


def _is_portable(field: str) -> bool:
    return all(_TERM.fullmatch(term) for term in field.split(","))


def time_zone(name: str) -> ZoneInfo:
    """Look up an IANA time zone.

    Raises:
        ValueError: when there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a time zone; use an IANA name such as UTC or America/Havana"
        ) from None
