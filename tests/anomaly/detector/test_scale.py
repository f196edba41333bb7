import numpy as np
import pytest

from anomaly.detector.samples import LEAST, SHARE_OF_LARGEST, SHARE_OF_LEVEL, Samples, floor, scale


def of(sizes, least=1e-6):
    """The scale of residuals of these sizes."""
    samples = Samples.empty((1,), max(len(sizes), 1), max(len(sizes), 1))
    samples.add(0, np.asarray(sizes, float)[:, None])
    return scale(samples.distances(np.zeros(1)), np.array([least]))[0]


class TestFloor:
    def test_is_a_share_of_the_level_whatever_its_sign(self):
        assert floor(np.array([1000.0, -1000.0])).tolist() == [1000 * SHARE_OF_LEVEL] * 2

    def test_is_never_zero(self):
        assert floor(np.zeros(1)).tolist() == [LEAST]


class TestScale:
    def test_of_normal_residuals_is_their_standard_deviation(self):
        residuals = np.random.default_rng(3).normal(0, 5, 4001)
        assert of(residuals) == pytest.approx(5, rel=0.05)

    def test_is_hardly_moved_by_a_burst(self):
        residuals = np.random.default_rng(3).normal(0, 5, 400)
        wild = residuals.copy()
        wild[:8] = 60
        assert of(wild) < 1.1 * of(residuals)

    def test_of_a_series_that_mostly_stands_still_is_that_of_its_moves(self):
        assert of([0.0] * 80 + [10.0] * 20) > 1

    def test_keeps_the_largest_residual_comparable(self):
        assert of([0.0] * 999 + [1000.0]) == pytest.approx(1000 * SHARE_OF_LARGEST)

    def test_of_a_series_without_any_move_is_the_floor(self):
        assert of([0.0] * 50, least=0.25) == 0.25

    def test_of_nothing_is_the_floor(self):
        assert of([], least=0.25) == 0.25

    def test_grows_with_the_residuals(self):
        residuals = np.random.default_rng(3).normal(0, 5, 400)
        assert of(3 * residuals) == pytest.approx(3 * of(residuals))
