from itertools import pairwise

import numpy as np
import pytest

from anomaly.detector.calibration import (
    EXCEEDED,
    EXCEEDED_GROWTH,
    FARTHEST,
    LEAST_BOUND,
    MARGIN,
    REFERENCE_STEP,
    SURER,
    bound,
)
from anomaly.detector.samples import Samples

STEPS = [1.0, 60.0, 300.0, 1800.0, 3600.0, 86400.0, 1e6]


def of(strengths, step=REFERENCE_STEP):
    samples = Samples.empty((1,), len(strengths), len(strengths))
    samples.add(0, np.asarray(strengths, float)[:, None])
    return bound(samples.ordered(), step)[0].item()


class TestBound:
    def test_is_what_few_ticks_of_the_past_exceed(self):
        strengths = np.random.default_rng(1).permutation(np.linspace(0, 100, 1001))
        step = REFERENCE_STEP * 12
        expected = MARGIN * 100 * (1 - EXCEEDED * 12**EXCEEDED_GROWTH)
        assert of(strengths, step) == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("exponent", [2, 3])
    def test_goes_on_as_the_tail_came_beyond_what_can_be_counted(self, exponent):
        strengths = 10 * (np.arange(1, 2001) / 2000) ** (-1 / exponent)
        expected = MARGIN * 10 * EXCEEDED ** (-1 / exponent)
        assert of(strengths) == pytest.approx(expected, rel=0.05)

    def test_is_never_far_from_what_was_seen(self):
        strengths = np.r_[np.full(980, 1e-6), np.full(20, 20.0)]
        assert of(strengths) <= MARGIN * FARTHEST * 20

    def test_of_a_calm_series_is_what_noise_may_reach(self):
        assert of(np.zeros(100)) == pytest.approx(MARGIN * LEAST_BOUND)

    def test_leaves_out_what_is_not_known(self):
        assert of([50.0] * 20) == of([50.0, np.nan] * 20)

    @pytest.mark.parametrize("shorter,longer", list(pairwise(STEPS)))
    def test_is_lower_where_ticks_are_rarer(self, shorter, longer):
        strengths = np.random.default_rng(1).lognormal(1, 1, 1000)
        for some in (strengths, np.zeros(100)):
            assert of(some, longer) <= of(some, shorter)

    @pytest.mark.parametrize("step", STEPS)
    def test_is_above_what_is_usual_at_any_step(self, step):
        strengths = np.random.default_rng(1).lognormal(1, 1, 1000)
        assert of(strengths, step) > np.median(strengths)


class TestSure:
    """How many times the bound a tick must reach that counts by itself."""

    def of(self, strengths):
        samples = Samples.empty((1,), len(strengths), len(strengths))
        samples.add(0, np.asarray(strengths, float)[:, None])
        return bound(samples.ordered(), REFERENCE_STEP)[1].item()

    @pytest.mark.parametrize("exponent", [2, 3])
    def test_is_more_the_heavier_the_tail_is(self, exponent):
        strengths = 10 * (np.arange(1, 2001) / 2000) ** (-1 / exponent)
        assert self.of(strengths) == pytest.approx(SURER ** (1 / exponent), rel=0.05)

    def test_is_the_bound_itself_where_there_is_no_tail(self):
        assert self.of(np.full(100, 2.0)) == 1

    def test_is_known_of_every_series(self):
        assert self.of(np.zeros(100)) == 1
        assert np.isfinite(self.of(np.r_[np.zeros(98), 1e3, 1e3]))
