"""Recurring low-traffic windows, and the dates on which nothing may run."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Window:
    """A span of civil time that recurs on chosen weekdays; it may run past midnight."""

    days: frozenset[int]
    """Weekdays on which the window opens, Monday = 0."""

    opens: time
    """Civil time at which it opens."""

    closes: time
    """Civil time at which it closes; at or before `opens` means on the next day."""

    zone: tzinfo
    """The time zone of both."""

    def contains(self, start: datetime, duration: timedelta) -> bool:
        """Whether a run that starts at `start` is over before the window closes."""
        # In UTC: within one zone Python adds and compares what the clock on the wall shows, and
        # would miss the hour that a change of summer time takes or gives.
        begin = start.astimezone(UTC)
        end, today = begin + duration, start.astimezone(self.zone).date()
        return any(
            opened.astimezone(UTC) <= begin and end <= closed.astimezone(UTC)
            for opened, closed in (self._on(today), self._on(today - timedelta(1)))
            if opened.weekday() in self.days
        )

    def _on(self, day: date) -> tuple[datetime, datetime]:
        closing_day = day if self.closes > self.opens else day + timedelta(1)
        return (
            datetime.combine(day, self.opens, self.zone),
            datetime.combine(closing_day, self.closes, self.zone),
        )


@dataclass(frozen=True)
class Freeze:
    """Calendar days on which nothing may run, both ends included."""

    first: date
    last: date
    zone: tzinfo

    def touches(self, start: datetime, duration: timedelta) -> bool:
        """Whether any moment of a run falls on a frozen day."""
        begin = start.astimezone(self.zone).date()
        end = (start.astimezone(UTC) + duration).astimezone(self.zone).date()
        return begin <= self.last and end >= self.first


def weekdays(names: Collection[str]) -> frozenset[int]:
    """Weekday numbers of names such as `mon`."""
    return frozenset(WEEKDAYS.index(name) for name in names)
