"""The calendar for a terminal or a comment: weeks below each other, how many runs on each day."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from ops.chaos.calendar.document import Calendar

WEEK = timedelta(days=7)
WIDTH = 6
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def month(calendar: Calendar) -> list[str]:
    """The lines, in UTC: runs on a day, `!` where two clash for the first time, `.` for none."""
    runs = Counter(_day(start) for each in calendar.schedules for start in each.starts)
    clashing = {_day(clash.first) for clash in calendar.clashes}
    first, last = _day(calendar.at), _day(calendar.until)
    return list(_lines(runs, clashing, first, last))


def _lines(runs: Counter[date], clashing: set[date], first: date, last: date) -> Iterator[str]:
    monday = first - timedelta(days=first.weekday())
    yield " " * 8 + "".join(f"{name:<{WIDTH}}" for name in DAYS)
    while monday <= last:
        days = [monday + timedelta(days=number) for number in range(7)]
        cells = (
            ""
            if not first <= day <= last
            else f"{runs[day] or '.'}{'!' if day in clashing else ''}"
            for day in days
        )
        yield f"{monday:%b %d}  " + "".join(f"{cell:<{WIDTH}}" for cell in cells)
        monday += WEEK


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
