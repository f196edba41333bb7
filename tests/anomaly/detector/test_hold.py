from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector.calibration import HALF_LIVES, STEPS, decay, hold


class TestHold:
    @given(
        scores=st.lists(st.floats(0, 1e6), min_size=1, max_size=40),
        held=st.floats(0, 1e6),
        left=st.floats(0.1, 0.999),
        cut=st.integers(0, 40),
    )
    def test_falls_by_its_share_and_no_faster(self, scores, held, left, cut):
        expected, last = [], held
        for score in scores:
            last = max(score, left * last)
            expected.append(last)
        column = np.array(scores)[:, None]
        assert hold(column, np.array([held]), left).ravel().tolist() == expected
        begun = hold(column[:cut], np.array([held]), left)
        rest = hold(column[cut:], begun[-1] if len(begun) else np.array([held]), left)
        assert np.concatenate([begun, rest]).ravel().tolist() == expected

    def test_lets_every_series_fall_by_itself(self):
        held = hold(np.zeros((2, 2)), np.array([8.0, 0.0]), 0.5)
        assert held.tolist() == [[4, 0], [2, 0]]


class TestDecay:
    @pytest.mark.parametrize("step,ticks", list(zip(STEPS, HALF_LIVES, strict=True)))
    def test_halves_a_score_in_the_ticks_of_its_step(self, step, ticks):
        assert decay(step) ** ticks == pytest.approx(0.5)

    @pytest.mark.parametrize("shorter,longer", list(pairwise(STEPS)))
    def test_lies_between_those_of_the_steps_around(self, shorter, longer):
        low, high = sorted([decay(shorter), decay(longer)])
        assert low <= decay((shorter * longer) ** 0.5) <= high

    def test_goes_no_further_than_the_first_and_the_last(self):
        assert decay(1.0) == decay(STEPS[0])
        assert decay(1e6) == decay(STEPS[-1])
