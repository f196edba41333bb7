"""Affiliation precision and recall, by hand."""

import numpy as np
import pytest

from bench.quality.affiliation import affiliation, affiliation_f1


class TestAffiliation:
    def test_a_perfect_alert_is_perfect(self):
        labels = [0, 0, 1, 1, 0, 0, 0, 1, 0]

        assert affiliation(labels, labels) == (1.0, 1.0)
        assert affiliation_f1(labels, labels) == 1.0

    def test_a_near_alert_is_better_than_a_far_one(self):
        """One anomaly at 2 of 0..9; the alert at 3 is at distance 1.

        9 of 10 random points are at least 1 away, 5 of 10 at least 5.
        """
        labels = np.arange(10) == 2

        near = affiliation(np.arange(10) == 3, labels)
        far = affiliation(np.arange(10) == 7, labels)

        assert near == pytest.approx((0.9, 0.9))
        assert far == pytest.approx((0.3, 0.3))

    def test_precision_is_the_mean_over_the_alerting_points_of_a_zone(self):
        labels = np.arange(10) == 2
        alerting = (np.arange(10) == 2) | (np.arange(10) == 7)

        assert affiliation(alerting, labels) == pytest.approx(((1 + 0.3) / 2, 1.0))

    def test_an_anomaly_without_alerts_in_its_zone_is_not_recalled(self):
        """Zones are 0..4 and 5..9: nearer to 2 than to 7, and the rest."""
        labels = [0, 0, 1, 0, 0, 0, 0, 1, 0, 0]
        alerting = np.arange(10) == 2

        assert affiliation(alerting, labels) == (1.0, 0.5)
        assert affiliation_f1(alerting, labels) == pytest.approx(2 / 3)

    def test_recall_is_the_mean_over_the_labelled_points(self):
        """0..3 with an anomaly at 1..2, the alert at 1: the other is at distance 1 of 4 points."""
        assert affiliation([0, 1, 0, 0], [0, 1, 1, 0]) == pytest.approx((1.0, (1 + 3 / 4) / 2))

    def test_silence_is_0(self):
        assert affiliation_f1(np.zeros(4), [0, 1, 0, 0]) == 0.0

    def test_without_anomalies_there_is_no_figure(self):
        assert np.isnan(affiliation_f1([0, 1], [0, 0]))
