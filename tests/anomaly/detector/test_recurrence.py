"""What was reached around the same time of the last days."""

from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector.arrays import DAY, HISTORY
from anomaly.detector.season import (
    AROUND,
    SEASONS,
    Calendar,
    Largest,
    Recurrence,
)

STEP = 300.0
PER_DAY = int(DAY / STEP)
NOON = PER_DAY // 2
DAYS = 4


def usual(strengths, at, zone=UTC, start=0.0):
    """What is usual at some ticks after these strengths."""
    times = start + np.arange(len(strengths)) * STEP
    recurrence = Recurrence.restored({"kept": np.asarray(strengths, np.float32)[:, None]})
    before = Calendar(zone).before(times, at, SEASONS, STEP)
    return recurrence.usual(before, at, STEP).ravel()


def at_noon(*reached, default=1.0, shift=0):
    """Strengths of some days, with these at noon of the first ones; None leaves that day out."""
    strengths = np.full(DAYS * PER_DAY, default)
    for day, strength in enumerate(reached):
        if strength is None:
            strengths[day * PER_DAY : (day + 1) * PER_DAY] = np.nan
        else:
            strengths[day * PER_DAY + NOON + shift] = strength
    return strengths


def on_day_four(strengths, **when):
    """What is usual at noon of the fourth day."""
    noon = 3 * PER_DAY + NOON
    return usual(strengths, slice(noon, noon + 1), **when).item()


class TestUsual:
    def test_is_the_middle_of_three_days(self):
        assert on_day_four(at_noon(7, 9, 8)) == 8
        assert on_day_four(at_noon(99, 1, 1)) == 1

    def test_is_the_lesser_of_two(self):
        assert on_day_four(at_noon(None, 9, 7)) == 7
        assert on_day_four(at_noon(9, None, 7)) == 7

    def test_is_what_most_weeks_reach_if_that_is_more(self):
        """A job of Sundays is usual on the third one."""
        noon = 14 * PER_DAY + NOON
        strengths = np.full(15 * PER_DAY, 1.0)
        strengths[[noon - 7 * PER_DAY, noon - 14 * PER_DAY]] = 8, 9
        assert usual(strengths, slice(noon, noon + 1)).item() == 8
        strengths[noon - 14 * PER_DAY] = 1
        assert usual(strengths, slice(noon, noon + 1)).item() == 1

    def test_is_nothing_after_one(self):
        assert on_day_four(at_noon(None, None, 9)) == 0
        assert on_day_four(at_noon(None, None, None)) == 0

    @pytest.mark.parametrize("shift", [-int(AROUND / STEP), int(AROUND / STEP)])
    def test_need_not_be_punctual(self, shift):
        assert on_day_four(at_noon(8, 8, 8, shift=shift)) == 8

    @pytest.mark.parametrize("shift", [-int(AROUND / STEP) - 1, int(AROUND / STEP) + 1])
    def test_must_be_around_the_same_time(self, shift):
        assert on_day_four(at_noon(8, 8, 8, shift=shift)) == 1

    def test_follows_the_clocks_when_they_are_changed(self):
        march_28, hour = 1_711_580_400.0, int(3600 / STEP)  # midnight in Madrid, 3 days before
        strengths = at_noon(8, 8, 8)
        early = slice(3 * PER_DAY + NOON - hour, 3 * PER_DAY + NOON - hour + 1)
        madrid = usual(strengths, early, zone=ZoneInfo("Europe/Madrid"), start=march_28)
        assert madrid.item() == 8
        assert usual(strengths, early, start=march_28).item() == 1

    def test_of_many_ticks_is_that_of_each(self):
        strengths = np.random.default_rng(1).lognormal(size=DAYS * PER_DAY)
        start = 3 * PER_DAY
        together = usual(strengths, slice(start, start + 100))
        alone = [
            usual(strengths, slice(tick, tick + 1)).item() for tick in range(start, start + 100)
        ]
        assert together.tolist() == alone

    @pytest.mark.parametrize("missing", [0, PER_DAY - 1])
    def test_does_not_depend_on_what_comes_later(self, missing):
        """Not even where nearly a day is missing, so that yesterday is only ticks away."""
        strengths = np.random.default_rng(1).lognormal(size=DAYS * PER_DAY)
        times = np.arange(len(strengths)) * STEP
        times[2 * PER_DAY :] += missing * STEP
        tick = 3 * PER_DAY - missing
        before = Calendar(UTC).before(times, slice(tick, tick + 1), SEASONS, STEP)
        assert (before[0] >= 0).any()
        said = []
        for later in (1.0, 1e6):
            strengths[tick:] = later
            recurrence = Recurrence.restored({"kept": strengths[:, None].astype(np.float32)})
            said.append(recurrence.usual(before, slice(tick, tick + 1), STEP).item())
        assert said[0] == said[1]


class TestAloneAndLoud:
    strengths, bound = np.array([[9.0], [1.0], [np.nan]]), np.array([5.0])

    def says(self, last, earlier):
        recurrence = Recurrence.restored({"kept": self.strengths})
        weeks = np.array([[last], [earlier], [-1]])
        return recurrence.alone_and_loud(weeks, self.bound).item()

    def test_is_what_nobody_outvotes_and_was_an_anomaly(self):
        assert self.says(0, -1)

    def test_is_nothing_that_was_calm_or_not_judged(self):
        assert not self.says(1, -1)
        assert not self.says(2, -1)

    def test_is_nothing_with_two_weeks_or_none(self):
        assert not self.says(0, 1)
        assert not self.says(-1, -1)


class TestRecurrence:
    def test_keeps_what_is_put_and_forgets_what_is_too_old(self):
        recurrence = Recurrence.empty(2)
        recurrence.extend(HISTORY + 3)
        recurrence.put(slice(HISTORY, HISTORY + 1), np.array([[5.0, 6.0]]))
        recurrence.trim()
        assert recurrence.strengths.shape == (HISTORY, 2)
        assert recurrence.strengths[HISTORY - 3].tolist() == [5, 6]
        assert np.isnan(np.delete(recurrence.strengths, HISTORY - 3, axis=0)).all()

    def test_comes_back_from_its_state(self):
        recurrence = Recurrence.empty(1)
        recurrence.extend(2)
        recurrence.put(slice(0, 1), np.ones((1, 1)))
        again = Recurrence.restored(recurrence.state())
        assert np.array_equal(again.strengths, recurrence.strengths, equal_nan=True)


class TestLargest:
    @given(
        row=st.lists(st.floats(0, 9, width=32) | st.just(np.nan), min_size=8, max_size=30),
        width=st.integers(1, 8),
    )
    def test_is_that_of_so_many_rows_from_each_on(self, row, width):
        column = np.array(row, np.float32)[:, None]
        expected = [
            np.fmax.reduce(column[start : start + width, 0])
            for start in range(len(row) - width + 1)
        ]
        assert np.array_equal(Largest(column).of(width).ravel(), expected, equal_nan=True)
