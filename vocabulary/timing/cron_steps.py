"""The next firing where a clock is put forward or back, as robfig/cron 3.0.1 finds it.

That library steps through absolute time and looks at the clock on the wall: months and days by the
calendar, hours and minutes by adding them. So an hour that comes twice is met twice, one that is
skipped never, and where midnight itself is skipped a day may be missed or run into the next. Owns
these steps, and the moments that Go gives to local times; days without a change are timing.cron's.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

Unit = Literal["hour", "minute", "second"]

SUNDAY = 7
NOON = 12
YEARS = 5
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@dataclass(frozen=True)
class Fields:
    """What a schedule allows."""

    minutes: frozenset[int]
    """Of the hour."""

    hours: frozenset[int]
    """Of the day."""

    days: frozenset[int]
    """Of the month."""

    months: frozenset[int]
    """From 1 for January."""

    weekdays: frozenset[int]
    """From 0 for Sunday."""

    def has_day(self, day: date) -> bool:
        """Whether it fires on a day of the calendar."""
        return (
            day.month in self.months
            and day.day in self.days
            and day.isoweekday() % SUNDAY in self.weekdays
        )


def offset(moment: datetime, zone: tzinfo) -> timedelta:
    """How far a zone is ahead of UTC."""
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The moment that Go gives to a local time, one of two where it comes twice or never."""
    as_utc = wall.replace(tzinfo=UTC)
    guessed = offset(as_utc, zone)
    return as_utc - (offset(as_utc - guessed, zone) if guessed else guessed)


@lru_cache(maxsize=20_000)
def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins."""
    return moment_of(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001


def following(fields: Fields, zone: tzinfo, after: datetime) -> datetime | None:
    """The first firing after a moment, in UTC; None within the next years."""
    walk = _Walk(zone, after.astimezone(UTC).replace(microsecond=0) + SECOND)
    last_year = walk.wall.year + YEARS
    while walk.wall.year <= last_year:
        if not fields.has_day(walk.wall.date()):
            walk.to_next_day()
        elif (
            walk.reaches(fields.hours, "hour", HOUR)
            and walk.reaches(fields.minutes, "minute", MINUTE)
            and walk.reaches(frozenset({0}), "second", SECOND)
        ):
            return walk.moment
    return None


class _Walk:
    """A moment on its way to the next firing."""

    def __init__(self, zone: tzinfo, moment: datetime) -> None:
        self._zone = zone
        self._moved = False  # then all that is smaller than the present step is at its beginning
        self.moment = moment

    @property
    def wall(self) -> datetime:
        """What the clock on the wall shows."""
        return self.moment.astimezone(self._zone)

    def reaches(self, allowed: frozenset[int], unit: Unit, step: timedelta) -> bool:
        """Step on until the clock shows what is allowed; False when it begins anew before that.

        Only then are the larger units looked at once more.
        """
        shown: int = getattr(self.wall, unit)
        while shown not in allowed:
            if not self._moved:
                self._begin(unit)
            self.moment += step
            shown = getattr(self.wall, unit)
            if shown == 0:
                return False
        return True

    def _begin(self, unit: Unit) -> None:
        if unit == "hour":
            wall = self.wall.replace(minute=0, second=0, tzinfo=None)
            self.moment = moment_of(wall, self._zone)
        elif unit == "minute":
            self.moment = self.moment.replace(second=0)
        self._moved = True

    def to_next_day(self) -> None:
        """To the midnight that follows, or what is left of it."""
        if not self._moved:
            self.moment = midnight(self.wall.date(), self._zone)
            self._moved = True
        wall = self.wall.replace(tzinfo=None) + timedelta(days=1)
        self.moment = moment_of(wall, self._zone)
        hour = self.wall.hour
        self.moment += (24 - hour if hour > NOON else -hour) * HOUR
