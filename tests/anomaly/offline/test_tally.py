import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.offline.grade import Alerted, Matching, Tally, tally

HOUR = 3600.0
EXACT = Matching(gap_seconds=0, tolerance_seconds=0, early_seconds=0)


def judged(alerts, incidents=None, absent=""):
    """An hourly series, drawn: x where it alerts, where an incident is, where no value is."""
    times = np.arange(len(alerts)) * HOUR
    flags = [np.array([at == "x" for at in drawn]) for drawn in (alerts, incidents or alerts)]
    present = np.array([at != "x" for at in absent.ljust(len(alerts))])
    return Alerted(times, present, flags[0], flags[1] if incidents else None)


class TestCounting:
    def test_alerts_incidents_and_delays(self):
        counted = tally(judged("..xx..x..x.xx.", ".xxx......xxx."), EXACT)
        assert (counted.alerts, counted.true_alerts, counted.false_alarms) == (4, 2, 2)
        assert (counted.incidents, counted.found) == (2, 2)
        assert counted.delays == (HOUR, HOUR)
        assert (counted.precision, counted.recall) == (0.5, 1)
        assert counted.f1 == pytest.approx(2 / 3)

    def test_alerts_that_are_close_are_one(self):
        matching = Matching(gap_seconds=3 * HOUR, tolerance_seconds=0, early_seconds=0)
        counted = tally(judged("x.x....x", "xxx....."), matching)
        assert (counted.alerts, counted.repeats, counted.false_alarms) == (2, 1, 1)

    def test_alerts_on_one_incident_are_counted_each(self):
        counted = tally(judged("x.x.x", "xxxxx"), EXACT)
        assert counted.alerts_per_incident == 3
        assert (counted.precision, counted.recall) == (1, 1)

    def test_time_without_values_is_not_looked_at(self):
        counted = tally(judged("xx..", absent=".x.x"), EXACT)
        assert (counted.seconds, counted.alerting_seconds) == (2 * HOUR, HOUR)
        assert counted.alerting_share == 0.5

    def test_false_alarms_are_held_against_weeks_of_series(self):
        week = judged("x" + "." * 167, "." * 168)
        both = tally(week, EXACT) + tally(week, EXACT)
        assert (both.series, both.false_alarms, both.false_alarms_per_week) == (2, 2, 1)

    def test_without_labels_alerts_are_neither_true_nor_false(self):
        counted = tally(judged("x..x"), EXACT)
        assert (counted.alerts, counted.incidents) == (2, 0)
        assert math.isnan(counted.recall)
        assert math.isnan(counted.f1)


class TestFigures:
    def test_of_nothing_are_unknown(self):
        nothing = Tally()
        figures = (
            nothing.precision,
            nothing.recall,
            nothing.f1,
            nothing.delay_median_seconds,
            nothing.delay_p95_seconds,
            nothing.alerts_per_week,
            nothing.alerts_per_incident,
            nothing.alerting_share,
        )
        assert all(math.isnan(figure) for figure in figures)

    def test_silence_in_the_face_of_incidents_is_worth_nothing(self):
        silent = tally(judged("....", "xx.."), EXACT)
        assert (silent.recall, silent.f1) == (0, 0)
        assert math.isnan(silent.precision)

    def test_alarms_for_nothing_are_worth_nothing_either(self):
        wrong = tally(judged("...x", "xx.."), EXACT)
        assert (wrong.precision, wrong.recall, wrong.f1) == (0, 0, 0)

    def test_delays_of_all_series_make_median_and_tail(self):
        halves = Tally(delays=(0.0, 10.0)) + Tally(delays=(20.0, 100.0))
        assert halves.delay_median_seconds == 15
        assert halves.delay_p95_seconds == pytest.approx(88)

    @given(st.lists(st.tuples(*[st.integers(0, 9)] * 5), min_size=1, max_size=4))
    def test_counts_add_up_in_any_grouping(self, numbers):
        tallies = [
            Tally(series=a, alerts=b + c, true_alerts=b, incidents=d + e, delays=(1.0,) * d)
            for a, b, c, d, e in numbers
        ]
        left = sum(tallies, Tally())
        right = tallies[0] + sum(tallies[1:], Tally())
        assert left == right
        assert left.found == sum(each.found for each in tallies)


class TestNull:
    """What knows nothing must not look good."""

    def series(self, alerting, seed=3):
        rng = np.random.default_rng(seed)
        incidents = np.zeros(5000, dtype=bool)
        for start in rng.choice(np.arange(100, 4900, 50), 20, replace=False):
            incidents[start : start + 6] = True
        times = np.arange(5000) * 300.0
        present = np.ones(5000, dtype=bool)
        return tally(Alerted(times, present, alerting, incidents), Matching.of_step(300))

    def test_an_alert_that_never_ends_finds_nothing(self):
        always = self.series(np.ones(5000, dtype=bool))
        assert always.f1 < 0.1
        assert always.alerting_share == 1

    def test_random_alerts_are_false_alarms(self):
        rng = np.random.default_rng(5)
        assert self.series(rng.random(5000) < 0.01).precision < 0.3
