"""VUS-PR against the definition, by hand and point by point."""

import numpy as np
import pytest

from bench.quality.vus import FALLBACK_LAG, THRESHOLDS, buffer_lag, vus_pr


class TestVusPr:
    def test_without_buffers_it_is_average_precision_over_the_ranks(self):
        """Ranked first to last: anomaly, nothing, anomaly; precision 1, 1/2, 2/3."""
        score = [9.0, 8.0, 7.0, 1.0]
        labels = [1, 0, 1, 0]

        # The share of segments hit is 1/2 until the third point, 1 from there on.
        expected = (0.5 * 0.5) * 1 + (1.0 - 0.25) * (2 / 3)

        assert vus_pr(score, labels, lag=0) == pytest.approx(expected)

    def test_a_hit_in_the_buffer_counts_less_with_distance(self):
        """Width 2 reaches one point to each side, where the soft label is sqrt(1 - 1/2)."""
        score = [0.0, 9.0, 0.0, 0.0]
        labels = [0, 0, 1, 0]
        soft = np.sqrt(0.5)

        # Widths 0 and 1 have no buffer: all is found only once everything is predicted.
        narrow = 1 / 4
        first = soft / ((2 + soft) / 2)
        wide = first * soft + (1 - first) * (1 + 2 * soft) / 4

        assert vus_pr(score, labels, lag=2) == pytest.approx((narrow + narrow + wide) / 3)

    @pytest.mark.parametrize("seed", range(8))
    def test_it_is_what_the_definition_says_point_by_point(self, seed):
        generator = np.random.default_rng(seed)
        labels = np.zeros(int(generator.integers(40, 400)), dtype=int)
        for begin in generator.integers(0, len(labels), 5):
            labels[begin : begin + int(generator.integers(1, 12))] = 1
        score = np.round(generator.normal(size=len(labels)) + labels, seed % 3)
        lag = int(generator.integers(0, 30))

        assert vus_pr(score, labels, lag) == pytest.approx(by_definition(score, labels, lag))

    def test_only_the_ranking_matters(self):
        generator = np.random.default_rng(1)
        labels = (np.arange(300) % 100 < 5).astype(int)
        score = generator.random(300) + labels

        assert vus_pr(np.exp(9 * score), labels, 20) == vus_pr(score, labels, 20)

    def test_a_random_score_loses_against_one_that_knows(self):
        generator = np.random.default_rng(2)
        labels = (np.arange(2000) % 400 < 10).astype(int)

        random = vus_pr(generator.random(2000), labels, 50)
        knowing = vus_pr(generator.random(2000) + labels, labels, 50)

        assert random < 0.1
        assert knowing > 0.9

    def test_a_missing_score_ranks_lowest(self):
        labels = [0, 1, 0, 0]

        assert vus_pr([np.nan, 5, 1, np.nan], labels, 0) == vus_pr([0, 5, 1, 0], labels, 0)

    def test_without_anomalies_there_is_no_figure(self):
        assert np.isnan(vus_pr([1.0, 2.0], [0, 0], 10))

    def test_vectors_of_different_length_are_refused(self):
        with pytest.raises(ValueError, match=r"score \(2,\) and labels \(3,\)"):
            vus_pr([1, 2], [0, 0, 1], 10)


class TestBufferLag:
    def test_is_the_period_of_a_seasonal_series(self):
        noise = np.random.default_rng(0).normal(0, 0.1, 3000)

        assert buffer_lag(np.sin(2 * np.pi * np.arange(3000) / 24) + noise) == 24

    @pytest.mark.parametrize(
        "values", [np.ones(500), np.arange(500.0), np.full(500, np.nan), np.array([])]
    )
    def test_falls_back_when_nothing_repeats(self, values):
        assert buffer_lag(values) == FALLBACK_LAG

    def test_falls_back_when_the_period_is_too_long(self):
        assert buffer_lag(np.sin(2 * np.pi * np.arange(5000) / 330)) == FALLBACK_LAG

    def test_missing_values_do_not_hide_the_period(self):
        values = np.sin(2 * np.pi * np.arange(3000) / 24)
        values[::50] = np.nan

        assert buffer_lag(values) == 24


def by_definition(score, labels, lag):
    points, positives = len(labels), labels.sum()
    edges = np.diff(labels, prepend=0, append=0)
    segments = list(zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True))
    falling = np.sort(score)[::-1]
    volumes = []
    for width in range(lag + 1):
        half = width // 2
        soft = labels.astype(float)
        widened = np.zeros(points, dtype=int)
        for first, last in segments:
            widened[max(first - half, 0) : last + half + 1] = 1
            for away in range(1, half + 1):
                for place in (first - away, last + away):
                    if 0 <= place < points:
                        soft[place] += np.sqrt(1 - away / width)
        soft = np.minimum(soft, 1)
        groups = [[segments[0]]]
        for segment in segments[1:]:
            if segment[0] - half <= groups[-1][-1][1] + half:
                groups[-1].append(segment)
            else:
                groups.append([segment])
        volume = before = 0.0
        for rank in np.linspace(0, points - 1, THRESHOLDS).astype(int):
            predicted = score >= falling[rank]
            true = (soft * predicted).sum()
            buffered = (soft * predicted)[labels == 0].sum()
            hit = np.mean(
                [
                    predicted[max(group[0][0] - half, 0) : group[-1][1] + half + 1].any()
                    for group in groups
                ]
            )
            recall = min(true / ((2 * positives + buffered) / 2), 1) * hit
            volume += (recall - before) * true / predicted.sum()
            before = recall
        volumes.append(volume)
    return np.mean(volumes)
