import numpy as np
import pytest

from anomaly.detector.arrays import CONTEXT
from anomaly.detector.views import (
    CLIP,
    LAGS,
    LEAST_TARGETS,
    RIDGE,
    SPAN,
    TARGETS,
    Forecast,
    fit,
)

LEVEL, SCALE = np.array([10.0]), np.array([2.0])


def plain(values):
    """Ridge regression by its formula, one target after the other."""
    units = np.clip((values[-SPAN:, 0] - LEVEL[0]) / SCALE[0], -CLIP, CLIP)
    spacing = max(1, (len(units) - max(LAGS)) // TARGETS)
    targets = range(len(units) - 1, max(LAGS) - 1, -spacing)
    rows = np.array([[*(units[target - lag] for lag in LAGS), 1] for target in targets])
    pull = RIDGE * len(rows) * np.eye(len(LAGS) + 1)
    return np.linalg.solve(rows.T @ rows + pull, rows.T @ units[list(targets)])


def after(values):
    """What is forecast of the value that follows."""
    padded = np.concatenate([np.repeat(values[:1], CONTEXT, axis=0), values, values[-1:]])
    return fit(values, LEVEL, SCALE).predict(padded[-CONTEXT - 1 :], 1)[0, 0]


class TestFit:
    @pytest.mark.parametrize("length", [24, 100, max(LAGS) + 2 * TARGETS + 5, SPAN + 900])
    def test_is_ridge_regression_on_the_newest_values(self, length):
        values = np.random.default_rng(length).normal(10, 2, (length, 1))
        values[5:] += values[:-5] - 10
        assert fit(values, LEVEL, SCALE).weights[:, 0] == pytest.approx(plain(values), abs=1e-4)

    def test_is_not_tried_with_too_few_targets(self):
        values = np.full((max(LAGS) + LEAST_TARGETS, 1), 10.0)
        assert fit(values, LEVEL, SCALE) is not None
        assert fit(values[1:], LEVEL, SCALE) is None

    def test_of_one_series_is_not_moved_by_another(self):
        values = np.random.default_rng(1).normal(10, 2, (300, 3))
        three = fit(values, np.repeat(LEVEL, 3), np.repeat(SCALE, 3)).weights
        alone = fit(values[:, 1:2], LEVEL, SCALE).weights
        assert np.array_equal(three[:, 1:2], alone)


class TestForecast:
    def test_continues_a_constant(self):
        assert after(np.full((200, 1), 13.0)) == pytest.approx(13, abs=0.1)

    def test_continues_a_pattern(self):
        values = np.tile([8.0, 8.0, 12.0, 12.0], 60)[:, None]
        assert after(values) == pytest.approx(8, abs=0.1)
        assert after(values[:-2]) == pytest.approx(12, abs=0.1)

    def test_is_hardly_bent_by_one_burst(self):
        values = np.tile([8.0, 8.0, 12.0, 12.0], 60)[:, None]
        wild = values.copy()
        wild[100] = 1e9
        assert after(wild) == pytest.approx(after(values), abs=1)

    def test_looks_at_the_past_only(self):
        values = np.random.default_rng(1).normal(10, 2, (CONTEXT + 30, 1))
        known = fit(values, LEVEL, SCALE)
        other = values.copy()
        other[CONTEXT + 10 :] = 99
        said = slice(0, 11)
        assert np.array_equal(known.predict(values, 30)[said], known.predict(other, 30)[said])

    def test_comes_back_from_its_state(self):
        known = fit(np.random.default_rng(1).normal(10, 2, (300, 1)), LEVEL, SCALE)
        values = np.random.default_rng(2).normal(10, 2, (CONTEXT + 5, 1))
        again = Forecast.restored(known.state())
        assert np.array_equal(again.predict(values, 5), known.predict(values, 5))
