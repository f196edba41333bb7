"""How long an alarm is on: opened by enough evidence, closed when the series is back."""

from dataclasses import replace

import numpy as np
import pytest

from anomaly.detector.alarm import Alarm, Evidence, Rule

NORMAL, EXPECTED, REACH = 10.0, 10.0, 2.0


def rule(**changes):
    """Two of two ticks open, three calm ones close; steps of five minutes."""
    given = {
        "window": 2,
        "least": 2,
        "recovery_ticks": 3,
        "recovery_seconds": 300.0,
        "shift_ticks": 8,
        "shift_seconds": 12 * 3600.0,
        "side": 0,
        "seasonal": np.array([False]),
        "step": 300.0,
    }
    return Rule(**(given | changes))


def evidence(values, *, certain=True, hot=None):
    """One series: hot where the value is not normal, unless told otherwise."""
    values = np.array(values, np.float64)[:, None]
    present = ~np.isnan(values)
    filled = np.where(present, values, NORMAL)
    away = np.abs(filled - EXPECTED) > REACH if hot is None else np.array(hot)[:, None]
    away &= present
    return Evidence(
        hot=away,
        sudden=away,
        certain=away & certain,
        present=present,
        values=filled,
        expected=np.full_like(values, EXPECTED),
        reach=np.full_like(values, REACH),
        local=np.full_like(values, EXPECTED),
        local_reach=np.full_like(values, REACH),
    )


def said_by(alarm, times, given, how):
    """What an alarm says of the only series."""
    return alarm.take(alarm.follow(times, np.array([0]), given, how))


def judging(values, **changes):
    """What is said of the ticks."""
    times = 1e9 + 300.0 * np.arange(len(values))
    return said_by(Alarm.silent(1), times, evidence(values, **changes), rule())


def judged(values, how=None, step=300.0, alarm=None, **changes):
    """At which ticks an incident is on, and at which one begins."""
    times = 1e9 + step * np.arange(len(values))
    given = evidence(values, **changes)
    verdict = said_by(alarm or Alarm.silent(1), times, given, how or rule(step=step))
    return np.flatnonzero(verdict.on).tolist(), np.flatnonzero(verdict.begins).tolist()


class TestOpening:
    def test_one_certain_tick_is_enough(self):
        """A value that is far off opens at once."""
        assert judged([10, 30, 10])[1] == [1]

    def test_what_is_not_certain_must_come_twice(self):
        """A single hot tick that is not certain opens nothing, two of the window do."""
        assert judged([10, 30, 10, 10], certain=False)[1] == []
        assert judged([10, 30, 30, 10], certain=False)[1] == [2]

    def test_a_trace_opens_nothing(self):
        """Views that still see the incident do not open it again while values are normal."""
        values, hot = [30] + [10] * 9 + [10], [1] + [0] * 9 + [1]
        assert judged(values, hot=np.array(hot, bool))[1] == [0]

    def test_a_series_that_stands_still_elsewhere_opens_nothing(self):
        """It settled where the incident left it; the views still see the incident."""
        values = np.array([100.0] + [15.0] * 25)
        seen = evidence(values, hot=[1] + [0] * 19 + [1] * 6)
        still = replace(seen, local=np.array([10.0] + [15.0] * 25)[:, None])
        times = 1e9 + 300.0 * np.arange(len(values))
        settled = said_by(Alarm.silent(1), times, still, rule())
        moving = said_by(Alarm.silent(1), times, seen, rule())
        assert np.flatnonzero(settled.begins).tolist() == [0]
        assert np.flatnonzero(moving.begins).tolist() == [0, 20]

    def test_what_is_away_again_opens_at_once(self):
        """A second excursion right after the first is told, trace or not."""
        assert judged([30, 10, 10, 10, 10, 30])[1] == [0, 5]


class TestClosing:
    @pytest.mark.parametrize("step,limit", [(60.0, 600), (300.0, 1800), (3600.0, 6 * 3600)])
    def test_one_sample_is_over_soon(self, step, limit):
        """Half an hour at five minutes, six hours at hours."""
        on, _ = judged([30] + [10] * 60, step=step)
        assert on[-1] * step < limit

    def test_goes_on_while_values_are_away(self):
        """However often the score falls: the expectation is that of before."""
        hot = np.zeros(20, bool)
        hot[0] = True
        on, _ = judged([30] * 20, hot=hot)
        assert on == list(range(20))

    def test_missing_values_delay_no_closing(self):
        """A rare series that is back closes by the clock."""
        on, _ = judged([30, np.nan, 10, np.nan, np.nan, np.nan, np.nan])
        assert on == [0, 1, 2, 3]

    def test_a_series_that_ends_closes_after_an_hour(self):
        """An incident of which nothing is heard any more is over."""
        on, _ = judged([30, 30] + [np.nan] * 40)
        assert on == list(range(13))

    def test_ticks_that_stop_are_time_as_well(self):
        """After a gap in the ticks themselves an old incident does not go on."""
        alarm = Alarm.silent(1)
        said_by(alarm, np.array([1e9]), evidence([30]), rule())
        times = 1e9 + 86400 + 300.0 * np.arange(3)
        on = said_by(alarm, times, evidence([np.nan] * 3), rule()).on
        assert not on[-1].any()


class TestAnother:
    def test_the_other_side_is_another_incident(self):
        """Twice the traffic, then none: both are told."""
        assert judged([10, 30, 30, 30, 30, 0, 0])[1] == [1, 5]

    def test_far_more_of_the_same_is_another(self):
        """Three times as far away as ever before."""
        assert judged([10, 20, 20, 20, 20, 90, 90])[1] == [1, 5]

    def test_a_little_more_is_not(self):
        """An incident that grows is one."""
        assert judged([10, 20, 20, 20, 20, 35, 35])[1] == [1]


class TestLasting:
    def test_is_normal_after_its_time_by_the_clock(self):
        """Twelve hours, and not a tick earlier."""
        alarm, how = Alarm.silent(1), rule()
        judged([30] * 100, how, alarm=alarm)
        assert not alarm.lasting(how, 1e9 + 12 * 3600 - 1)[0]
        assert alarm.lasting(how, 1e9 + 12 * 3600)[0]

    def test_is_followed_until_then_and_no_further(self):
        """With the next tick it is accepted, so what follows is another matter."""
        alarm, how = Alarm.silent(1), rule()
        times = 1e9 + 300.0 * np.arange(200)
        assert alarm.follow(times, np.array([0]), evidence([30] * 200), how).ticks == 144

    def test_accepted_is_over(self):
        """And leaves no trace."""
        alarm = Alarm.silent(1)
        judged([30] * 20, alarm=alarm)
        alarm.accept(np.array([True]))
        assert not alarm.on[0]


def test_portions_of_any_size_say_the_same():
    """Fed tick by tick, through states, or at once."""
    generator = np.random.default_rng(3)
    values = np.where(generator.random(300) < 0.2, 30.0, 10.0)
    values[generator.random(300) < 0.1] = np.nan
    times = 1e9 + 300.0 * np.arange(300)
    whole = said_by(Alarm.silent(1), times, evidence(values), rule()).on
    alarm, parts = Alarm.silent(1), []
    for place in range(300):
        part = slice(place, place + 1)
        parts.append(said_by(alarm, times[part], evidence(values[part]), rule()).on)
        alarm = Alarm.restored(alarm.state())
    assert np.array_equal(np.concatenate(parts), whole)


class TestStanding:
    def test_the_score_stands_as_high_as_the_value_is_away(self):
        """In reaches from what was expected before, whatever is hot by then; over when back."""
        hot = np.array([0, 1, 0, 0, 0], bool)
        verdict = judging([10, 30, 30, 20, 10], hot=hot)
        assert verdict.standing[:, 0] == pytest.approx(
            [np.nan, np.nan, 20 / REACH, 10 / REACH, np.nan], nan_ok=True
        )
        assert (verdict.expected[2:4] == EXPECTED).all()
        assert (verdict.reach[2:4] == REACH).all()

    def test_what_is_left_of_a_large_deviation_is_back(self):
        """Nine tenths of the way."""
        values = [10, 410, 410, 45, 45, 45, 45]
        assert judged(values)[0] == [1, 2, 3, 4]


class TestLearning:
    def test_nothing_of_the_first_incidents(self):
        """Ticks since the last that is not to be learnt from are counted from its end."""
        verdict = judging([10, 30, 30, 10, 10])
        assert verdict.strange[:, 0].tolist() == [np.inf, 0, 0, 1, 2]

    def test_of_what_lasts_and_of_what_comes_often(self):
        """From the 25th tick of one incident on, and from the third incident on."""
        long = judging([10] + [30] * 30)
        assert (long.strange[1:25, 0] == 0).all()
        assert (np.diff(long.strange[25:, 0]) == 1).all()
        often = judging(([30] * 2 + [10] * 30) * 4)
        assert often.strange[32, 0] == 0
        assert often.strange[64, 0] > 30
