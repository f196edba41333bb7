"""Every view against the sentence that describes it, one tick at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector.arrays import CONTEXT
from anomaly.detector.views import LAGS, PLACES, VIEWS, Forecast, Scene, Stretch, median_of_nine

LEAST = 0.5
TICKS = 20
LEVEL = np.array([3.0, -1.0])
CENTRED = [view for view in VIEWS if view.centred]


def stretch(values, forecast=None, seasonal=None):
    scene = Scene(values)
    return Stretch(scene, slice(0, scene.ticks), LEVEL, np.full(2, LEAST), forecast, seasonal)


def values(seed=1):
    return np.random.default_rng(seed).normal(3, 2, (CONTEXT + TICKS, 2))


def forecast(seed=2):
    weights = np.random.default_rng(seed).normal(size=(len(LAGS) + 1, 2))
    return Forecast(weights, LEVEL, np.array([2.0, 4.0]))


def residual(name, some):
    return VIEWS[PLACES[name]].residual(some)


PLAIN = {
    "level": lambda past: past[-1],
    "change": lambda past: past[-1] - past[-2],
    "short": lambda past: past[-1] - np.median(past[-10:-1], axis=0),
    "drift": lambda past: past[-6:].mean(axis=0) - past[-12:-6].mean(axis=0),
    "slow_drift": lambda past: past[-24:].mean(axis=0) - past[-48:-24].mean(axis=0),
    "sustained": lambda past: past[-6:].mean(axis=0) - LEVEL,
    "restlessness": lambda past: np.log(np.abs(np.diff(past[-13:], axis=0)).mean(axis=0) + LEAST),
}
"""What each says of the last of some values."""


class TestEachView:
    @pytest.mark.parametrize("name", PLAIN)
    def test_is_what_its_description_says(self, name):
        some = values()
        ends = range(CONTEXT + 1, CONTEXT + TICKS + 1)
        expected = np.array([PLAIN[name](some[:end]) for end in ends])
        assert residual(name, stretch(some)) == pytest.approx(expected)

    def test_surprise_is_the_distance_from_the_forecast(self):
        some = values()
        expected = some[CONTEXT:] - forecast().predict(some, TICKS)
        assert np.array_equal(residual("surprise", stretch(some, forecast())), expected)

    def test_season_is_the_distance_from_what_other_days_say(self):
        some, seasonal = values(), np.full((TICKS + 1, 2), 2.0)
        expected = some[CONTEXT:] - 2
        assert np.array_equal(residual("season", stretch(some, seasonal=seasonal)), expected)

    def test_season_change_is_the_change_that_other_days_did_not_show(self):
        some, seasonal = values(), np.arange(2.0 * TICKS + 2).reshape(TICKS + 1, 2)
        expected = np.diff(some, axis=0)[CONTEXT - 1 :] - 2
        said = residual("season_change", stretch(some, seasonal=seasonal))
        assert said == pytest.approx(expected)

    @pytest.mark.parametrize("name", ["surprise", "season", "season_change"])
    def test_is_mute_without_what_it_compares_with(self, name):
        assert residual(name, stretch(values())) is None

    @pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
    def test_looks_at_no_more_values_than_it_needs(self, view):
        some, others = values(), values(seed=9)
        others[-view.needs :] = some[-view.needs :]
        seasonal = np.zeros((TICKS + 1, 2))
        one, other = (
            view.residual(stretch(each, forecast(), seasonal))[-1] for each in (some, others)
        )
        assert one == pytest.approx(other)

    @pytest.mark.parametrize("view", CENTRED, ids=lambda view: view.name)
    def test_is_near_zero_on_a_line_that_goes_on_as_it_was(self, view):
        flat = np.broadcast_to(LEVEL, (CONTEXT + TICKS, 2))
        nothing = Forecast(np.zeros((len(LAGS) + 1, 2)), LEVEL, np.ones(2))
        seasonal = np.broadcast_to(LEVEL, (TICKS + 1, 2))
        assert view.residual(stretch(flat, nothing, seasonal)) == pytest.approx(0, abs=1e-12)

    def test_needs_no_more_context_than_there_is(self):
        assert max(view.needs for view in VIEWS) <= CONTEXT


class TestMedianOfNine:
    @given(st.lists(st.floats(-1e300, 1e300), min_size=9, max_size=9))
    def test_is_the_median(self, nine):
        median = float(np.median(nine))
        column = np.array(nine, float)[:, None]
        assert median_of_nine(column * [1, -1]).tolist() == [[median, -median]]

    def test_looks_at_each_nine_in_turn(self):
        values = np.random.default_rng(4).normal(size=(30, 2))
        expected = [np.median(values[first : first + 9], axis=0) for first in range(22)]
        assert np.array_equal(median_of_nine(values), expected)
        assert np.array_equal(values, np.random.default_rng(4).normal(size=(30, 2)))
