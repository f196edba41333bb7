import numpy as np
import pytest
from pydantic import ValidationError

from anomaly.offline.faults import FaultWindow, sum_up, watch
from anomaly.offline.grade import Alerted, Matching

EXACT = Matching(gap_seconds=0, tolerance_seconds=120, early_seconds=0)
CART, WEB = {"service": "cart"}, {"service": "web"}


def fault(first, last, name="delay-1", **keys):
    """A fault of cart between two minutes."""
    given = {"name": name, "start": first * 60, "end": last * 60, "labels": CART}
    return FaultWindow.model_validate(given | keys)


def series(labels, alerts, minutes=100, absent=()):
    """A series of minutes that alerts between some of them."""
    times = np.arange(minutes) * 60.0
    alerting, present = np.zeros(minutes, dtype=bool), np.ones(minutes, dtype=bool)
    for first, last in alerts:
        alerting[first : last + 1] = True
    present[list(absent)] = False
    return Alerted(times, present, alerting, labels=labels, name=labels.get("signal", "latency"))


def grade(faults, *watched):
    return sum_up([watch(each, faults, EXACT) for each in watched], faults)


class TestSighting:
    def test_a_fault_is_seen_when_any_series_that_it_hit_alerts(self):
        latency, traffic = series(CART, [(13, 15)]), series(CART, [])
        (seen,) = grade([fault(10, 20)], latency, traffic).sightings
        assert (seen.series, seen.delay, seen.alerts) == (2, 180, 1)
        assert seen.seen_by == ("latency",)

    def test_the_fastest_series_says_how_late(self):
        slow = series({**CART, "signal": "errors"}, [(16, 18)])
        quick = series({**CART, "signal": "latency"}, [(11, 18)])
        (seen,) = grade([fault(10, 20)], slow, quick).sightings
        assert seen.delay == 60
        assert seen.seen_by == ("latency", "errors")

    def test_an_alert_soon_after_the_end_counts(self):
        assert grade([fault(10, 20)], series(CART, [(22, 25)])).sightings[0].delay == 720
        assert grade([fault(10, 20)], series(CART, [(23, 25)])).sightings[0].delay is None

    def test_an_alert_that_was_open_before_has_seen_nothing(self):
        result = grade([fault(10, 20)], series(CART, [(9, 15)]))
        assert result.sightings[0].delay is None
        assert result.overall.false_alarms == 1

    def test_a_fault_that_hit_no_series_with_values_could_not_be_seen(self):
        (unseen,) = grade(
            [fault(10, 20)], series(WEB, []), series(CART, [], absent=range(5, 30))
        ).sightings
        assert (unseen.series, unseen.delay) == (0, None)

    def test_a_fault_without_labels_hit_everything(self):
        everywhere = fault(10, 20, labels={})
        (seen,) = grade([everywhere], series(CART, []), series(WEB, [(12, 12)])).sightings
        assert (seen.series, seen.delay) == (2, 120)


class TestCost:
    def test_alerts_in_time_without_faults_are_false_alarms(self):
        result = grade([fault(10, 20)], series(CART, [(12, 14), (50, 52)]), series(WEB, [(60, 61)]))
        assert (result.overall.true_alerts, result.overall.false_alarms) == (1, 2)
        assert result.elsewhere == 0

    def test_alerts_of_others_during_a_fault_are_neither(self):
        result = grade([fault(10, 20)], series(WEB, [(15, 18)]))
        assert (result.overall.true_alerts, result.overall.false_alarms) == (0, 0)
        assert result.elsewhere == 1

    def test_time_without_faults_is_summed_over_the_series(self):
        result = grade([fault(10, 20)], series(CART, []), series(WEB, [], absent=[50, 51]))
        during = 20 - 10 + 1 + 2
        assert result.overall.calm_seconds == 60 * (2 * (100 - during) - 2)

    def test_the_figures_are_those_of_incidents(self):
        faults = [fault(10, 20), fault(50, 60, name="delay-2")]
        overall = grade(faults, series(CART, [(12, 14), (90, 91)])).overall
        assert (overall.recall, overall.precision, overall.delay_median_seconds) == (0.5, 0.5, 120)
        assert overall.alerts_per_incident == 1


class TestTypes:
    def test_faults_of_one_type_are_graded_together(self):
        faults = [
            fault(10, 20, type="network-delay"),
            fault(40, 50, name="delay-2", type="network-delay"),
            fault(70, 80, name="kill-1", type="pod-kill"),
        ]
        kinds = grade(faults, series(CART, [(11, 12), (75, 76)])).by_type
        assert {kind: (of.incidents, of.found) for kind, of in kinds.items()} == {
            "network-delay": (2, 1),
            "pod-kill": (1, 1),
        }
        assert kinds["pod-kill"].delays == (300,)

    def test_without_a_type_the_name_is_one(self):
        assert fault(1, 2).kind == "delay-1"


class TestMistakes:
    @pytest.mark.parametrize(
        "keys,what",
        [
            ({"end": 0}, "end lies before start"),
            ({"name": ""}, "at least 1 character"),
            ({"start": "2026-01-05T10:00:00"}, "timezone"),
            ({"service": "cart"}, "Extra inputs"),
        ],
    )
    def test_are_refused(self, keys, what):
        with pytest.raises(ValidationError, match=what):
            fault(10, 20, **keys)
