"""What a stream goes on from, against walking along each series by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.detector.arrays import CONTEXT, HISTORY
from anomaly.detector.history import HOLE, LEAST_STEP, LONG_GAP, History

NAN = np.nan
GAP = int(LONG_GAP)
"""Ticks without a value that make a long gap."""


def extended(values, times=None, step=60.0):
    """A history of one series, and the portion that it was given."""
    column = np.asarray(values, float)[:, None]
    history = History.empty(1)
    times = np.arange(len(column)) * step if times is None else np.asarray(times, float)
    return history, history.extend(times, column)


def fresh(history, portion, step=60.0):
    return passing(history, portion, slice(0, len(portion.ages)), step).ravel().tolist()


def passing(history, portion, part, step=60.0):
    """What is fresh at some ticks, which are past then."""
    said = history.fresh(portion, part, step)
    if len(said):
        history.go_by(portion, part, said)
    return said


class TestFilling:
    def test_a_missing_value_is_the_one_before_it(self):
        history, portion = extended([1, NAN, NAN, 4])
        assert history.values.ravel().tolist() == [1, 1, 1, 4]
        assert portion.present.ravel().tolist() == [True, False, False, True]

    def test_before_the_first_value_it_is_zero(self):
        assert extended([NAN, NAN, 3])[0].values.ravel().tolist() == [0, 0, 3]

    def test_goes_on_from_the_portion_before(self):
        history, _ = extended([1, 2])
        history.extend(np.array([200.0, 300.0]), np.array([[NAN], [NAN]]))
        assert history.values.ravel().tolist() == [1, 2, 2, 2]

    def test_ages_count_the_values_that_came(self):
        assert extended([NAN, 5, NAN, 5])[1].ages.ravel().tolist() == [0, 1, 1, 2]

    def test_gaps_are_seconds_since_the_value_before(self):
        gaps = extended([NAN, 5, NAN, 5, 5], times=[0, 60, 120, 200, 200])[1].gaps.ravel()
        assert np.isnan(gaps[:2]).all()
        assert gaps[2:].tolist() == [60, 140, 0]


class TestFresh:
    def test_counts_all_values_while_there_is_no_long_gap(self):
        assert fresh(*extended([1, 2, *[NAN] * (GAP - 1), 4, 5]))[-2:] == [3, 4]

    def test_begins_anew_after_one(self):
        assert fresh(*extended([1, 2, *[NAN] * GAP, 4, 5]))[-2:] == [1, 2]

    def test_knows_gaps_of_time_as_well(self):
        times = [0, 60, 60 * (3 + GAP), 60 * (4 + GAP)]
        assert fresh(*extended([1, 2, 4, 5], times)) == [1, 2, 1, 2]

    def test_a_gap_of_time_that_ends_without_a_value_is_none_of_the_values_before(self):
        times = [0, 60, 60 * (3 + GAP), 60 * (4 + GAP)]
        assert fresh(*extended([1, 2, NAN, 5], times))[-1] == 1

    def test_is_not_ended_by_ticks_of_the_same_time(self):
        assert fresh(*extended([1, 2, 3, 4], [0, 0, 60, 60])) == [1, 2, 3, 4]

    @given(
        values=arrays.arrays(
            np.float64,
            st.tuples(st.integers(1, 40), st.integers(1, 3)),
            elements=st.sampled_from([1.0, 2.0, NAN, NAN]),
        ),
        seed=st.integers(0, 100),
        cut=st.integers(0, 40),
    )
    def test_is_what_one_series_after_the_other_says(self, values, seed, cut):
        length = len(values)
        times = np.random.default_rng(seed).choice([0, 60, 60, 60, 400], length).cumsum() * 1.0
        history = History.empty(values.shape[1])
        said = []
        for part in (slice(0, cut), slice(cut, length)):
            if len(times[part]):
                portion = history.extend(times[part], values[part])
                ticks = len(portion.ages)
                said += passing(history, portion, slice(0, ticks // 2)).tolist()
                said += passing(history, portion, slice(ticks // 2, ticks)).tolist()
        for series, column in enumerate(values.T):
            came, newest = 0, NAN
            for tick, value in enumerate(column):
                if not np.isnan(value):
                    came = 1 if times[tick] - newest > LONG_GAP * 60 else came + 1
                    newest = times[tick]
                assert said[tick][series] == came


class TestSettled:
    """Where nothing is missing, nothing need be masked."""

    def settled(self, values, part, times=None, least=3):
        history, portion = extended(values, times)
        return history.settled(portion, part, 60.0, least)

    def test_after_enough_values_without_a_gap(self):
        assert self.settled([1, 2, 3, 4], slice(2, 4))

    def test_not_before(self):
        assert not self.settled([1, 2, 3, 4], slice(1, 4))

    @pytest.mark.parametrize("times", [[0, 60, 600, 660], [0, 60, 120, 600]])
    def test_not_with_a_long_gap_before_one_of_the_ticks(self, times):
        assert not self.settled([1, 2, 3, 4], slice(2, 4), times)

    def test_not_with_a_value_that_is_missing(self):
        assert not self.settled([1, 2, 3, NAN], slice(2, 4))

    def test_not_with_a_gap_between_portions(self):
        history, _ = extended([1, 2, 3, 4])
        portion = history.extend(np.array([1000.0]), np.ones((1, 1)))
        assert not history.settled(portion, slice(0, 1), 60.0, 3)


class TestKnown:
    def test_a_value_stands_for_the_ticks_of_a_hole_and_no_more(self):
        history, _ = extended([1, *[NAN] * (HOLE + 2), 1])
        known = history.known(np.arange(HOLE + 4)).ravel().tolist()
        assert known == [True] * (HOLE + 1) + [False] * 2 + [True]

    def test_nothing_stands_for_the_ticks_before_the_first_value(self):
        history, _ = extended([NAN, NAN, 1, 1])
        assert history.known(np.arange(4)).ravel().tolist() == [False, False, True, True]


class TestStep:
    @pytest.mark.parametrize(
        "times,step",
        [
            ([0, 60, 120, 180], 60),
            ([0, 60, 60, 60, 120, 180], 60),
            ([0, 60, 120, 9000, 9060], 60),
            ([0, 0.001, 0.002], LEAST_STEP),
            ([7], None),
            ([7, 7, 7], None),
            ([], None),
        ],
        ids=["even", "duplicates", "gap", "tiny", "one tick", "one time", "nothing"],
    )
    def test_is_the_usual_distance_of_neighbours(self, times, step):
        history, _ = extended(np.ones(len(times)), times) if times else (History.empty(1), None)
        assert history.step(len(times)) == step

    def test_follows_a_change_of_steps(self):
        times = [*range(0, 6000, 60), *range(6000, 40_000, 300)]
        history, _ = extended(np.ones(len(times)), times)
        assert (history.step(100), history.step(len(times))) == (60, 300)

    def test_knows_nothing_of_what_comes_later(self):
        history, _ = extended(np.ones(20), [*range(0, 600, 60), *range(9000, 19_000, 1000)])
        assert history.step(10) == 60


class TestStretch:
    def test_has_the_ticks_and_their_context(self):
        history, _ = extended(np.arange(200))
        assert history.stretch(slice(100, 103)).ravel().tolist() == list(range(100 - CONTEXT, 103))

    def test_before_the_first_value_there_was_always_the_first(self):
        history, _ = extended([5, 6, 7])
        assert history.stretch(slice(1, 3)).ravel().tolist() == [5] * (CONTEXT - 1) + [5, 6, 7]


class TestTrim:
    def test_keeps_what_is_looked_back_to(self):
        history, _ = extended(np.arange(HISTORY + 5))
        history.trim()
        for kept in (history.times, history.values, history.present):
            assert len(kept) == HISTORY
        assert history.values[0] == 5
        assert history.start == 0


class TestState:
    def test_goes_on_as_if_nothing_had_been(self):
        history, portion = extended([1, NAN, *[NAN] * GAP, 3])
        passing(history, portion, slice(0, len(portion.ages)))
        again = History.restored(history.state())
        times, values = np.array([5000.0, 5060.0]), np.array([[NAN], [4.0]])
        for one in (history, again):
            passing(one, one.extend(times, values), slice(0, 2))
        for name, value in history.state().items():
            assert np.array_equal(again.state()[name], value, equal_nan=True), name
