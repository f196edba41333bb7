"""The same civil time of other days, against looking it up in a calendar tick by tick."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from anomaly.detector.arrays import DAY, HISTORY, REACH
from anomaly.detector.calibrated import LONGEST_STRETCH
from anomaly.detector.history import HOLE, History
from anomaly.detector.season import SEASONS, Calendar, seasonal

DAYS, WEEKS = 0, 1
CHANGES = [
    ("Europe/Madrid", "2024-03-31"),
    ("Europe/Madrid", "2024-10-27"),
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
]
HOUR = timedelta(hours=1)


def around(day, *, step, before=9, after=4):
    """Ticks from some days before a date until some days after it."""
    middle = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
    return np.arange(middle - before * DAY, middle + after * DAY, step)


def walls(times, zone):
    """What a clock on the wall says at each tick."""
    return [datetime.fromtimestamp(time, zone).replace(tzinfo=None) for time in times.tolist()]


def history(times, values):
    held = History.empty(1)
    held.extend(np.asarray(times, float), np.asarray(values, float)[:, None])
    return held


def said(held, at, step):
    """What days and weeks say."""
    return seasonal(held, Calendar(UTC).before(held.times, at, SEASONS, step))[0]


class TestCalendar:
    @pytest.mark.parametrize("zone,day", CHANGES)
    @pytest.mark.parametrize("days", [1, 3, 7])
    @pytest.mark.parametrize("step", [300, 3600])
    def test_finds_the_tick_at_which_the_clock_said_the_same(self, zone, day, days, step):
        zone, times = ZoneInfo(zone), around(day, step=step)
        clock = walls(times, zone)
        ticks = {}
        for tick, wall in enumerate(clock):
            ticks.setdefault(wall, []).append(tick)
        places = Calendar(zone).before(times, slice(0, len(times)), days, step)
        for wall, place in zip(clock, places.tolist(), strict=True):
            then = wall - timedelta(days=days)
            if then in ticks:
                assert place in ticks[then]
            elif then < clock[0]:
                assert place == -1
            else:  # the hour that is left out in spring
                assert abs(clock[place] - then) <= HOUR

    @pytest.mark.parametrize("zone,day", CHANGES)
    def test_knows_how_far_clocks_are_ahead(self, zone, day):
        zone, times = ZoneInfo(zone), around(day, step=900)
        ahead = [datetime.fromtimestamp(time, zone).utcoffset() for time in times.tolist()]
        expected = [offset.total_seconds() for offset in ahead]
        assert Calendar(zone).offsets(times).tolist() == expected

    @pytest.mark.parametrize("zone", [UTC, ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")])
    def test_where_clocks_are_never_changed_a_day_has_24_hours(self, zone):
        times = around("2024-03-31", step=1800)
        places = Calendar(zone).before(times, slice(0, len(times)), 1, 1800)
        assert places.tolist() == [-1] * 48 + list(range(len(times) - 48))

    def test_takes_the_tick_that_is_nearest_when_they_are_not_punctual(self):
        times = around("2024-06-05", step=300) + 40
        times[100] += 90
        places = Calendar(UTC).before(times, slice(388, 389), 1, 300)
        assert places.tolist() == [100]

    def test_finds_none_where_ticks_are_missing(self):
        times = around("2024-06-05", step=300)
        lost = slice(90, 110)
        kept = np.delete(times, lost)
        now = int(np.searchsorted(kept, times[388]))
        assert Calendar(UTC).before(kept, slice(now, now + 1), 1, 300).tolist() == [-1]

    def test_takes_the_first_of_ticks_with_the_same_time(self):
        times = np.repeat(around("2024-06-05", step=300), 2)
        assert Calendar(UTC).before(times, slice(801, 802), 1, 300).tolist() == [224]

    def test_never_looks_further_back_than_its_reach(self):
        times = np.arange(REACH + 10) * (DAY / REACH)
        places = Calendar(UTC).before(times, slice(REACH - 1, REACH + 10), 1, DAY / REACH)
        assert places.tolist() == [-1, *range(11 - 1)]

    def test_what_a_stream_forgets_is_beyond_its_reach(self):
        assert REACH + LONGEST_STRETCH <= HISTORY


class TestDaysBefore:
    """Three days and the moment in question, at steps of six hours."""

    step = 6 * 3600.0

    def says(self, one, two, three):
        """What the same hour of days before says when it was so, the nearest first."""
        values = np.full(13, 50.0)
        values[[8, 4, 0]] = one, two, three
        times = np.arange(13) * self.step
        return said(history(times, values), slice(12, 13), self.step)[DAYS].item()

    def test_vote_by_their_median(self):
        assert self.says(one=10, two=12, three=11) == 11
        assert self.says(one=999, two=12, three=11) == 12
        assert self.says(one=10, two=10, three=-999) == 10

    def test_say_nothing_before_there_is_one(self):
        held = history(np.arange(3) * self.step, [1, 2, 3])
        assert np.isnan(said(held, slice(0, 3), self.step)).all()

    def test_say_nothing_while_there_are_not_three_for_none_could_be_outvoted(self):
        held = history(np.arange(13) * self.step, np.arange(13))
        days = said(held, slice(4, 13), self.step)[DAYS].ravel()
        assert np.isnan(days[:8]).all()
        assert days[8] == 4


class TestGapsOfDaysBefore:
    """Four days of five minutes whose values are their day."""

    step, day = 300.0, 288

    def says(self, *gaps):
        values = np.repeat([3.0, 2.0, 1.0, 0.0], self.day)
        for gap in gaps:
            values[gap] = np.nan
        held = history(np.arange(len(values)) * self.step, values)
        now = slice(3 * self.day + 100, 3 * self.day + 101)
        return said(held, now, self.step)[DAYS].item()

    def test_a_day_without_values_silences_the_others(self):
        yesterday = slice(2 * self.day + 50, 2 * self.day + 150)
        before = slice(self.day + 50, self.day + 150)
        first = slice(50, 150)
        assert self.says() == 2
        assert np.isnan([self.says(gap) for gap in (yesterday, before, first)]).all()

    def test_a_hole_is_filled_with_what_was_there_shortly_before(self):
        start = 2 * self.day + 101
        assert self.says(slice(start - HOLE, start)) == 2


class TestWeeksBefore:
    """Weeks of steps of six hours; all days say 50."""

    step, week = 6 * 3600.0, 28

    def says(self, *weeks, default=50.0, voice=WEEKS):
        values = np.full(len(weeks) * self.week + 1, default)
        for place, value in enumerate(weeks, start=1):
            values[-1 - place * self.week] = value
        now = slice(len(values) - 1, len(values))
        times = np.arange(len(values)) * self.step
        return said(history(times, values), now, self.step)[voice].item()

    def test_vote_by_their_median(self):
        """One week that was different is outvoted."""
        assert self.says(10, 20, 12) == 12
        assert self.says(0, 20, 20) == 20

    def test_of_two_that_differ_the_one_counts_that_the_days_confirm(self):
        """So the week after a miss brings no echo."""
        assert self.says(0, 50) == 50
        assert self.says(50, 0) == 50
        assert self.says(20, 21) == 21

    def test_two_that_agree_are_heard_where_the_days_say_something_else(self):
        """The job of every Sunday."""
        assert self.says(10, 11, voice=2) == 10.5
        assert np.isnan(self.says(10, 50, voice=2))
        assert np.isnan(self.says(10, voice=2))

    def test_the_last_one_speaks_alone_while_there_is_but_one(self):
        """Better than nothing."""
        assert self.says(7) == 7
