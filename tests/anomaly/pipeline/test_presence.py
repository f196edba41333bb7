import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.pipeline.presence import ENOUGH, Presence

STEP = 300.0
LONG = 2 * ENOUGH


def watch(*presence, heard=None, steps=3):
    """Watch series that are there (1), gone (0), all at once; the verdict on their being there."""
    there = np.array(presence, dtype=float)
    values = np.where(there > 0, 5.0, np.nan)
    heard = np.ones(there.shape[1], bool) if heard is None else np.array(heard, bool)
    times = np.arange(there.shape[1]) * STEP
    return Presence.unknown(len(there)).seen(times, values, heard, steps)


class TestAbsence:
    def test_begins_so_many_steps_after_the_last_value(self):
        _, judged = watch([1] * LONG + [0] * 5)
        assert np.flatnonzero(judged.alerting[0]).tolist() == [LONG + 2, LONG + 3, LONG + 4]
        assert judged.score[0, LONG + 2] == 1.0
        assert judged.expected[0, -1] == 5.0

    def test_ends_with_the_next_value(self):
        _, judged = watch([1] * LONG + [0] * 5 + [1])
        assert not judged.alerting[0, -1]

    def test_of_a_series_that_was_hardly_there_is_none(self):
        _, judged = watch([1] * (ENOUGH - 1) + [0] * 50)
        assert not judged.alerting.any()

    def test_takes_longer_where_gaps_are_usual(self):
        _, judged = watch(([1] * 9 + [0] * 4) * 10 + [1] + [0] * 8)
        assert np.flatnonzero(judged.alerting[0])[-1] == 138
        assert judged.alerting[0, -2:].tolist() == [False, True]

    def test_the_time_before_the_first_value_is_no_gap(self):
        _, judged = watch([0] * 40 + [1] * LONG + [0] * 3)
        assert judged.alerting[0, -1]

    def test_does_not_count_steps_at_which_nothing_was_heard_of_anybody(self):
        presence = [1] * LONG + [0] * 6
        _, judged = watch(presence, heard=[1] * LONG + [0, 0, 0, 0, 1, 1])
        assert not judged.alerting.any()
        assert np.isnan(judged.score[0, LONG : LONG + 4]).all()

    def test_can_be_switched_off(self):
        _, judged = watch([1] * LONG + [0] * 9, steps=0)
        assert not judged.alerting.any()

    def test_the_newest_value_and_its_time_are_remembered(self):
        after, _ = watch([1] * LONG + [0] * 5, [0] * (LONG + 5))
        assert after.last.tolist() == [(LONG - 1) * STEP, -np.inf]
        assert after.value[0] == 5.0
        assert after.gap.tolist() == [5, 0]

    @given(
        arrays.arrays(np.int8, (2, 120), elements=st.sampled_from([0, 1, 1, 1, 1])),
        arrays.arrays(np.bool_, 120, elements=st.booleans()),
        st.integers(1, 119),
    )
    def test_is_the_same_whether_points_come_at_once_or_in_blocks(self, there, heard, cut):
        values = np.where(there > 0, np.arange(240.0).reshape(2, 120), np.nan)
        times = np.arange(120) * STEP
        whole, judged = Presence.unknown(2).seen(times, values, heard, 2)
        first, early = Presence.unknown(2).seen(times[:cut], values[:, :cut], heard[:cut], 2)
        both, late = first.seen(times[cut:], values[:, cut:], heard[cut:], 2)
        for name in vars(whole):
            assert np.array_equal(getattr(whole, name), getattr(both, name), equal_nan=True)
        for name in ("alerting", "score", "expected"):
            parts = np.concatenate([getattr(early, name), getattr(late, name)], axis=1)
            assert np.array_equal(getattr(judged, name), parts, equal_nan=True)


class TestSchedule:
    """A job that has samples only while it runs: six at two o'clock, five minutes apart."""

    day = 288

    def nights(self, *ran):
        """A week or so of nights on which it ran (1) or did not."""
        there = np.zeros(len(ran) * self.day)
        for night, here in enumerate(ran):
            there[night * self.day + 24 : night * self.day + 30] = here
        return there

    def absent(self, *ran):
        """Minutes of each absence: when it begins, and its length."""
        _, judged = watch(self.nights(*ran))
        edges = np.flatnonzero(np.diff(np.r_[False, judged.alerting[0], False].astype(int)))
        return [
            (int(begin), int(end - begin)) for begin, end in zip(*[iter(edges)] * 2, strict=True)
        ]

    def test_is_missed_when_it_is_due(self):
        """A quarter of an hour after it should have come, until it comes back."""
        ((begin, length),) = self.absent(1, 1, 1, 1, 0, 1)
        assert begin == 4 * self.day + 24 + 3
        assert length == self.day - 3

    def test_is_not_missed_while_it_comes(self):
        """Nor in the hours between."""
        assert self.absent(1, 1, 1, 1, 1, 1) == []

    def test_a_miss_brings_no_echo(self):
        """The nights after it are as before."""
        assert len(self.absent(1, 1, 1, 1, 0, 1, 1, 1, 1)) == 1

    def test_a_second_miss_is_told_as_well(self):
        """What was missed once is still regular."""
        assert len(self.absent(1, 1, 1, 1, 0, 1, 0, 1)) == 2

    def test_what_came_twice_is_not_yet_regular(self):
        """Three intervals that are alike are needed."""
        assert self.absent(1, 1, 0, 0) == []

    def test_portions_say_the_same(self):
        """Fed at once or in parts."""
        there = self.nights(1, 1, 1, 1, 0, 1)
        times = np.arange(len(there)) * STEP
        values = np.where(there > 0, 5.0, np.nan)[None]
        heard = np.ones(len(there), bool)
        _, whole = Presence.unknown(1).seen(times, values, heard, 3)
        presence, parts = Presence.unknown(1), []
        for part in np.array_split(np.arange(len(there)), 37):
            presence, judged = presence.seen(times[part], values[:, part], heard[part], 3)
            parts.append(judged.alerting)
        assert np.array_equal(np.concatenate(parts, axis=1), whole.alerting)

    def test_goes_by_the_clock_on_the_wall(self):
        """Clocks are put forward before the fifth night: UTC says that it came an hour early."""
        nights = np.array([2 * 12 + night * self.day for night in range(7)])
        utc = nights - 12 * (np.arange(7) >= 4)
        there = np.zeros(7 * self.day)
        there[(utc[:, None] + np.arange(6)).ravel()] = 1
        there[utc[6] :] = 0
        values, times = np.where(there > 0, 5.0, np.nan)[None], np.arange(len(there)) * STEP
        ahead = np.where(np.arange(len(there)) >= 4 * self.day, 3600.0, 0.0)
        heard = np.ones(len(there), bool)
        _, judged = Presence.unknown(1).seen(times, values, heard, 3, ahead)
        assert np.flatnonzero(judged.alerting[0])[0] == utc[6] + 3


class TestForgetting:
    dead_after = 3 * 86400.0

    def ends(self, there):
        """Days after the last value until a series is forgotten."""
        after, _ = watch(there)
        return (after.ends(self.dead_after)[0] - after.last[0]) / 86400

    def test_a_series_is_forgotten_after_its_time(self):
        assert self.ends([1] * 500 + [0] * 20) == 3

    def test_an_outage_makes_it_no_job(self):
        assert self.ends([1] * 500 + [0] * 300 + [1] * 12) == 3

    def test_a_weekly_job_is_remembered_beyond_its_next_time(self):
        """So that it can be missed then."""
        week = [1] * 12 + [0] * (7 * 288 - 12)
        assert self.ends(week * 2) == 10

    def test_a_missed_week_is_told(self):
        week = [1] * 12 + [0] * (7 * 288 - 12)
        after, judged = watch(week * 4 + [0] * 20)
        assert np.flatnonzero(judged.alerting[0])[0] == 4 * 7 * 288 + 3
        assert after.alive((4 * 7 * 288 + 20) * STEP, self.dead_after)[0]
