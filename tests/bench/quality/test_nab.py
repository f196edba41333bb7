"""The Numenta benchmark's rules, figure by figure."""

import numpy as np
import pytest

from bench.quality.nab import (
    PROFILES,
    Graded,
    at_onsets,
    at_threshold,
    optimised,
    probation,
    windows_between,
    windows_of,
)
from bench.quality.spans import runs

STANDARD, LOW_FP, LOW_FN = PROFILES
WINDOW = runs([0] * 10 + [1] * 5 + [0] * 15)  # 30 points, of which the first 4 are not scored


def graded(*alerts, windows=WINDOW, points=30):
    score = np.zeros(points)
    score[list(alerts)] = 1.0
    return Graded(score, windows)


def standard(*alerts, **others):
    return at_threshold([graded(*alerts, **others)], STANDARD, 1.0)


class TestScore:
    def test_silence_is_0_and_the_earliest_alert_100(self):
        assert standard().normalised == 0
        assert standard(10).normalised == pytest.approx(100)

    def test_a_late_alert_is_worth_less(self):
        """At the last point of five, sigma(-1/5) / sigma(-1) = 0.46212 / 0.98661."""
        assert standard(14).normalised == pytest.approx(100 * (1 + 0.468387) / 2, abs=1e-4)

    def test_only_the_best_alert_in_a_window_counts(self):
        assert standard(10, 12, 14).normalised == standard(10).normalised

    def test_a_false_alert_before_any_window_costs_everything_it_can(self):
        assert standard(5, 10).normalised == pytest.approx(100 - 100 * 0.11 / 2)

    def test_a_false_alert_costs_more_with_distance(self):
        """One point behind the window, sigma(1/4) = -0.554600; the fifth and more are as bad."""
        near, far, farther = (standard(10, at).normalised for at in (15, 28, 29))

        assert near == pytest.approx(100 - 50 * 0.11 * 0.554600, abs=1e-4)
        assert far == pytest.approx(100 - 50 * 0.11)
        assert farther == far

    def test_the_probation_is_not_scored(self):
        assert probation(30) == 4
        assert probation(100_000) == 750
        assert standard(3, 10).normalised == pytest.approx(100)
        assert standard(4, 10).normalised < 100

    def test_profiles_weigh_misses_and_false_alerts(self):
        two = runs([0] * 5 + [1] * 3 + [0] * 12 + [1] * 3 + [0] * 7)
        half = [graded(5, 18, windows=two)]

        scores = [at_threshold(half, profile, 1.0).normalised for profile in PROFILES]

        # One of two windows hit; 11 points behind a window of 3 a false alert costs all it can.
        assert scores == pytest.approx([100 * 1.89 / 4, 100 * 1.78 / 4, 100 * 2.89 / 6])

    def test_counts_say_what_happened(self):
        score = standard(5, 6, 10, 12)

        assert (score.hit, score.windows, score.false) == (1, 1, 2)

    def test_a_missing_score_is_no_alert(self):
        series = graded(10)
        series.score[20] = np.nan

        assert at_threshold([series], STANDARD, 1.0).false == 0

    def test_a_corpus_without_windows_has_no_figure(self):
        assert np.isnan(standard(windows=runs(np.zeros(30))).normalised)


class TestThreshold:
    def test_is_the_one_that_suits_the_whole_corpus(self):
        first, second = graded(), graded()
        first.score[[10, 20]] = 0.9, 0.4
        second.score[[11, 25]] = 0.5, 0.8

        best = optimised([first, second], STANDARD)

        assert best.threshold == 0.5
        assert (best.hit, best.false) == (2, 1)

    def test_silence_is_an_option(self):
        best = optimised([graded(5, 6, 7)], STANDARD)

        assert (best.threshold, best.normalised) == (np.inf, 0)

    def test_a_fixed_one_is_taken_as_it_is(self):
        series = graded()
        series.score[[10, 20]] = 3.0, 2.0

        assert at_threshold([series], STANDARD, 2.5).false == 0
        assert at_threshold([series], STANDARD, 2.0).false == 1
        assert at_threshold([series], STANDARD, 9.0).normalised == 0

    def test_optimised_is_never_worse_than_fixed(self):
        generator = np.random.default_rng(3)
        corpus = [Graded(generator.random(200), windows_of(np.arange(200) % 70 == 50))] * 3

        for profile in PROFILES:
            fixed = [at_threshold(corpus, profile, at).normalised for at in (0.1, 0.5, 0.9)]
            assert optimised(corpus, profile).normalised >= max(fixed)


class TestWindows:
    def test_share_a_tenth_of_the_series_and_lie_around_the_labels(self):
        labels = np.zeros(1000)
        labels[[300, 600]] = 1

        assert list(windows_of(labels)) == [(275, 325), (575, 625)]

    def test_reach_to_the_end_of_a_long_anomaly(self):
        labels = np.zeros(1000)
        labels[300:500] = 1

        assert list(windows_of(labels)) == [(250, 499)]

    def test_overlapping_ones_are_one(self):
        labels = np.zeros(1000)
        labels[[300, 340]] = 1

        assert list(windows_of(labels)) == [(275, 365)]

    def test_those_in_the_probation_do_not_count(self):
        labels = np.zeros(1000)
        labels[[160, 600]] = 1

        assert list(windows_of(labels)) == [(575, 625)]

    def test_stay_within_the_series(self):
        labels = np.zeros(1000)
        labels[990] = 1

        assert list(windows_of(labels)) == [(940, 999)]

    def test_given_by_timestamps_are_found(self):
        times = np.array([0.0, 60, 60, 120, 180])

        assert list(windows_between(times, [(60, 120)])) == [(1, 3)]
        assert list(windows_between(times, [])) == []

    def test_not_at_timestamps_of_the_series_are_refused(self):
        with pytest.raises(ValueError, match=r"window \(60, 90\) does not begin and end"):
            windows_between([0, 60, 120], [(60, 90)])


def test_onsets_keep_the_score_where_alerts_begin():
    score = [5.0, 6.0, 7.0, 8.0, 9.0]

    assert at_onsets(score, [True, True, False, True, True]).tolist() == [5, 0, 0, 8, 0]
