"""The low-traffic window as Prometheus can tell it: in UTC, by minutes of the week."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from settings.chaos import Chaos, FreezeDays, LowTraffic
from vocabulary import recorded as r
from vocabulary.timing.cron import time_zone
from vocabulary.timing.window import WEEKDAYS

DAY = 24 * 60
WEEK = 7 * DAY
MINUTE_OF_WEEK = "day_of_week() * 1440 + hour() * 60 + minute()"
"""Since Sunday 00:00 UTC."""

_SEASONS = tuple(datetime(2027, month, 15, tzinfo=UTC) for month in range(1, 13))
"""Moments at which a zone is asked how far it is from UTC: summer time and the other."""


def is_open(chaos: Chaos) -> str:
    """1 while experiments may run, 0 while they may not.

    A zone with summer time is open whenever either of its clocks says so: for an hour at each end
    the rule would otherwise be wrong for half of the year.
    """
    spans = " or ".join(
        f"({r.MINUTE_OF_WEEK} >= {first} < {last})" for first, last in _spans(chaos.window)
    )
    freezes = [_frozen(days, time_zone(chaos.window.timezone)) for days in chaos.freezes]
    thawed = f"({spans}) unless on () ({' or '.join(freezes)})" if freezes else spans
    return f"count({thawed}) or vector(0)"


def _spans(window: LowTraffic) -> Sequence[tuple[int, int]]:
    """Minutes of the week, UTC, from Sunday on, that are in the window; joined and in order."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(_pieces(window)):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined


def _pieces(window: LowTraffic) -> Iterator[tuple[int, int]]:
    zone = time_zone(window.timezone)
    offsets = {moment.astimezone(zone).utcoffset() or timedelta() for moment in _SEASONS}
    opens, closes = _minutes(window.opens), _minutes(window.closes)
    length = (closes - opens) % DAY or DAY
    for offset in offsets:
        for day in window.days:
            sunday_first = (WEEKDAYS.index(day) + 1) % 7
            first = sunday_first * DAY + opens - int(offset.total_seconds()) // 60
            first %= WEEK
            yield first, min(first + length, WEEK)
            if first + length > WEEK:
                yield 0, first + length - WEEK


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _frozen(days: FreezeDays, zone: tzinfo) -> str:
    first = datetime.combine(days.first, time(), zone)
    last = datetime.combine(days.last + timedelta(1), time(), zone)
    return f"(vector(time()) >= {first.timestamp():.0f} < {last.timestamp():.0f})"
