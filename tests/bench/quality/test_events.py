"""Counting alerts and anomalies."""

import numpy as np
import pytest

from bench.quality.events import WEEK, Events, count

HOURS = np.arange(12) * 3600.0
LABELS = [0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0]


class TestCount:
    def test_an_anomaly_is_found_once_and_an_alert_is_a_run(self):
        alerting = [0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0]

        events = count(alerting, LABELS, HOURS)

        assert (events.found, events.missed, events.alerts, events.false) == (1, 1, 3, 2)
        assert events.precision == pytest.approx(1 / 3)
        assert events.recall == 0.5
        assert events.f1 == pytest.approx(0.4)

    def test_within_the_tolerance_an_alert_is_true(self):
        alerting = [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0]

        assert count(alerting, LABELS, HOURS).false == 3
        assert count(alerting, LABELS, HOURS, tolerance=1).false == 1
        assert count(alerting, LABELS, HOURS, tolerance=1).found == 2
        assert count(alerting, LABELS, HOURS, tolerance=3).false == 0

    def test_two_alerts_in_one_anomaly_find_it_once(self):
        events = count([1, 0, 1], [1, 1, 1], HOURS[:3])

        assert (events.found, events.alerts, events.false) == (1, 2, 0)
        assert events.alerts_per_found == 2

    def test_one_alert_that_lasts_over_two_anomalies_finds_the_one_in_which_it_begins(self):
        events = count([0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0], LABELS, HOURS)

        assert (events.found, events.alerts, events.false) == (1, 1, 0)
        assert events.delays == (3600,)

    def test_an_alert_that_begins_before_is_false_and_finds_nothing(self):
        always = count([1] * 12, LABELS, HOURS)

        assert (always.found, always.alerts, always.false) == (0, 1, 1)

    def test_delay_is_from_the_beginning_of_the_anomaly(self):
        late = count([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], LABELS, HOURS)
        early = count([0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], LABELS, HOURS, tolerance=1)

        assert late.delays == (3600, 0)
        assert late.delay(0.5) == 1800
        assert early.delays == (0,)

    def test_false_alarms_are_per_series_and_week(self):
        times = np.array([0, WEEK, 2 * WEEK])

        assert count([1, 0, 1], [0, 0, 0], times).false_per_week == 1

    def test_silence_has_no_precision_but_a_recall(self):
        events = count(np.zeros(12), LABELS, HOURS)

        assert np.isnan(events.precision)
        assert events.recall == events.f1 == 0

    def test_nothing_to_find_and_nothing_told_has_no_figures(self):
        events = count([], [], [])

        assert np.isnan([events.precision, events.recall, events.f1, events.delay(0.5)]).all()


def test_counts_add_up():
    one = Events(found=1, missed=2, alerts=3, false=1, weeks=0.5, delays=(60.0,))

    both = sum([one, one], Events())

    assert both == Events(found=2, missed=4, alerts=6, false=2, weeks=1.0, delays=(60.0, 60.0))
