from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.offline.assess import THRESHOLDS, Assessment, suggest
from anomaly.offline.grade import WEEK_SECONDS, Alerted, Matching, Tally, tally

EXACT = Matching(gap_seconds=0, tolerance_seconds=0, early_seconds=0)


def rung(threshold, *, alerts=0, found=None, false=0, incidents=10, weeks=10):
    """What came of a threshold; with `found` also how good it was."""
    seconds = weeks * WEEK_SECONDS
    grade = None
    if found is not None:
        grade = Tally(
            seconds=seconds,
            alerts=found + false,
            true_alerts=found,
            incidents=incidents,
            delays=(0.0,) * found,
        )
    counted = grade or Tally(seconds=seconds, alerts=alerts)
    return Assessment(threshold, (("x", counted),), None, labelled=grade is not None)


class TestSuggestion:
    def test_is_the_best_f1_within_the_limit_of_false_alarms(self):
        rungs = [rung(0.5, found=10, false=6), rung(1, found=9, false=5), rung(2, found=4)]
        assert suggest(rungs, most_per_week=0.5).threshold == 1

    def test_of_equals_changes_least(self):
        rungs = [rung(threshold, found=8) for threshold in (0.25, 0.8, 1.5, 4)]
        assert suggest(rungs, most_per_week=1).threshold == 0.8

    def test_a_limit_is_kept_as_far_as_tables_show(self):
        nearly = [rung(1, alerts=5, weeks=9.99), rung(0.9, alerts=6, weeks=9.99)]
        assert suggest(nearly, most_per_week=0.5).threshold == 1

    def test_without_labels_is_the_most_sensitive_within_the_limit_of_alerts(self):
        rungs = [rung(0.5, alerts=40), rung(1, alerts=5), rung(2, alerts=1)]
        assert suggest(rungs, most_per_week=0.5).threshold == 1

    def test_is_no_threshold_at_which_one_alert_never_ends(self):
        rungs = [rung(0.2, alerts=1), rung(0.5, alerts=40), rung(1, alerts=5)]
        assert suggest(rungs, most_per_week=0.5).threshold == 1

    @pytest.mark.parametrize("found", [None, 5])
    def test_is_none_where_nothing_keeps_the_limit(self, found):
        assert suggest([rung(1, alerts=90, found=found, false=85)], most_per_week=0.5) is None

    def test_is_none_where_nothing_was_found(self):
        assert suggest([rung(1, found=0), rung(2, found=0)], most_per_week=0.5) is None

    def test_the_configured_threshold_is_tried(self):
        assert 1 in THRESHOLDS


class TestConsistency:
    """Figures at rising thresholds, against counting by hand."""

    scores = arrays.arrays(float, 60, elements=st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0]))
    labels = arrays.arrays(bool, 60)

    def at(self, threshold, score, incidents, matching=EXACT):
        times = np.arange(60) * 60.0
        return tally(Alerted(times, np.ones(60, bool), score > threshold, incidents), matching)

    @given(scores, labels)
    def test_a_higher_threshold_is_open_for_no_longer(self, score, incidents):
        ladder = [self.at(threshold, score, incidents) for threshold in (0.0, 0.7, 1.0, 1.7, 2.5)]
        for low, high in pairwise(ladder):
            assert high.alerting_seconds <= low.alerting_seconds
            assert high.incidents == low.incidents

    @given(scores, labels, st.sampled_from([0.0, 0.7, 1.0, 2.5]))
    def test_counts_are_those_of_brute_force(self, score, incidents, threshold):
        counted = self.at(threshold, score, incidents)
        alerts, labelled = runs(score > threshold), runs(incidents)
        found = [span for span in labelled if any(min(other) in span for other in alerts)]
        true = [span for span in alerts if any(min(span) in other for other in labelled)]
        assert counted.alerts == len(alerts)
        assert counted.true_alerts == len(true)
        assert counted.incidents == len(labelled)
        assert counted.found == len(found)
        pairs = [(span, other) for span in labelled for other in alerts if min(other) in span]
        assert counted.repeats == len(pairs)
        first = [min(min(other) for other in alerts if min(other) in span) for span in found]
        delays = [60.0 * (begin - min(span)) for begin, span in zip(first, found, strict=True)]
        assert sorted(counted.delays) == sorted(delays)


def runs(flags):
    """The runs of True, each as the set of its places."""
    found = []
    for place, flag in enumerate(flags.tolist()):
        if flag and found and place - 1 in found[-1]:
            found[-1].add(place)
        elif flag:
            found.append({place})
    return found
