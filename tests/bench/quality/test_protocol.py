"""How methods are graded."""

import numpy as np
import pytest

from bench.quality.protocol import Judged, debounced, grade, hold, joined
from bench.quality.series import Labelled

POINTS = 1000
TIMES = np.arange(POINTS) * 300.0


def series(*anomalies):
    labels = np.zeros(POINTS, dtype=bool)
    for first, last in anomalies:
        labels[first : last + 1] = True
    return Labelled("x", TIMES, np.random.default_rng(0).normal(size=POINTS), labels)


def score_of(labels, noise=0.5):
    return labels + np.random.default_rng(1).random(POINTS) * noise


class TestHold:
    def test_a_score_falls_to_a_share_of_itself_per_point(self):
        assert hold(np.array([0, 1.0, 0, 0, 0.5]), 0.8) == pytest.approx([0, 1, 0.8, 0.64, 0.512])

    def test_a_missing_score_is_0(self):
        assert hold(np.array([np.nan, 1.0, np.nan]), 0.5) == pytest.approx([0, 1, 0.5])

    def test_long_series_stay_numbers(self):
        held = hold(np.r_[1.0, np.zeros(200_000)])

        assert np.isfinite(held).all()
        assert held[100] == pytest.approx(0.98**100)


class TestAlerts:
    def test_those_hardly_apart_are_one(self):
        mask = np.zeros(40, dtype=bool)
        mask[[3, 8, 30]] = True

        assert np.flatnonzero(joined(mask)).tolist() == [3, 4, 5, 6, 7, 8, 30]

    def test_a_debounced_score_is_kept_where_it_rises(self):
        score = np.zeros(200)  # of which 2 % are 4
        score[[10, 12, 13, 30]] = 5, 4, 6, 1

        assert np.flatnonzero(debounced(score)).tolist() == [10, 13, 30]

    def test_a_missing_score_is_not_kept(self):
        score = np.full(100, np.nan)
        score[50] = 1.0

        assert np.flatnonzero(debounced(score)).tolist() == [50]


class TestGrade:
    def test_own_alerts_are_graded_as_they_are(self):
        one = series((400, 410))
        alerting = one.labels.copy()
        alerting[700:703] = True
        score = np.where(alerting, 2.0, 0.1)

        figures = grade([one], [Judged(score, score, alerting, once=True)])

        assert (figures.events.found, figures.events.false) == (1, 1)
        assert figures.nab_shipped["standard"] == pytest.approx(figures.nab["standard"], abs=1e-9)
        assert figures.nab_shipped["reward_low_FP"] < figures.nab_shipped["standard"]

    def test_who_alerts_once_pays_once_and_others_for_every_point(self):
        one = series((400, 410))
        alerting = np.zeros(POINTS, dtype=bool)
        alerting[700:720] = True
        score = alerting.astype(float)

        once = grade([one], [Judged(score, score, alerting, once=True)])
        often = grade([one], [Judged(score, score, alerting)])

        assert once.nab_shipped["standard"] == pytest.approx(-50 * 0.11, abs=0.01)
        assert often.nab_shipped["standard"] == pytest.approx(20 * -50 * 0.11, abs=0.1)

    def test_scores_alone_get_the_best_threshold_of_the_group(self):
        group = [series((400, 410)), series((600, 630))]

        figures = grade(group, [scores_only(score_of(each.labels)) for each in group])

        assert figures.events.f1 == 1
        assert figures.nab_shipped is None
        assert figures.nab["standard"] > 90

    def test_a_score_that_knows_nothing_loses(self):
        group = [series((400, 410)), series((600, 630))]
        generator = np.random.default_rng(4)

        knowing = grade(group, [scores_only(score_of(each.labels)) for each in group])
        random = grade(group, [scores_only(generator.random(POINTS)) for _ in group])
        silent = grade(group, [scores_only(np.zeros(POINTS)) for _ in group])

        for lost in (random, silent):
            assert lost.vus_pr < knowing.vus_pr - 0.7
            assert lost.events.f1 < knowing.events.f1 - 0.5
        assert silent.nab["standard"] == 0

    def test_series_without_anomalies_only_count_for_false_alarms(self):
        labelled, quiet = series((400, 410)), series()
        score = score_of(labelled.labels)

        alone = grade([labelled], [scores_only(score)])
        both = grade([labelled, quiet], [scores_only(score), scores_only(np.zeros(POINTS))])

        assert both.vus_pr == alone.vus_pr
        assert both.affiliation_f1 == alone.affiliation_f1
        assert both.events.weeks == 2 * alone.events.weeks
        assert (both.series, both.points) == (2, 2 * POINTS)

    def test_the_held_score_is_ranked_too(self):
        one = series((400, 410))
        score = np.where(np.arange(POINTS) == 400, 1.0, 0.0)

        figures = grade([one], [scores_only(score)])

        assert figures.vus_pr_held > figures.vus_pr


def scores_only(score):
    return Judged(score, hold(score), None)
