"""How peers are kept from seeing the future."""

import numpy as np
import pytest

from bench.peers.causal import (
    FEWEST,
    HISTORY,
    SHINGLE,
    Series,
    by_blocks,
    shingles,
    standardised,
    without_holes,
)

HOUR = 3600.0


def hourly(points):
    return Series(np.arange(points) * HOUR, np.arange(points, dtype=float), HOUR)


class TestBlocks:
    def test_each_day_is_judged_by_what_lies_behind_it(self):
        seen = []

        def judge(past, block):
            seen.append((past.readings[0], past.readings[-1], block.readings[0], len(block)))
            return np.ones(len(block))

        scores = by_blocks(hourly(110), judge)

        assert seen == [(0, 71, 72, 24), (0, 95, 96, 14)]
        assert scores[:72].sum() == 0
        assert scores[72:].all()

    def test_the_past_is_not_endless(self):
        lengths = []

        def judge(past, block):
            lengths.append(len(past))
            return block.times

        by_blocks(hourly(HISTORY + 100), judge)

        assert max(lengths) == HISTORY

    def test_a_block_may_be_several_days(self):
        blocks = []
        by_blocks(hourly(240), lambda past, block: blocks.append(len(block)) or block.times, days=3)

        assert blocks == [72, 72, 24]

    def test_the_first_block_begins_when_enough_is_known(self):
        scores = by_blocks(hourly(240), lambda _, block: np.ones(len(block)), fewest=FEWEST + 1)

        assert np.flatnonzero(scores)[0] == 96

    def test_a_short_series_is_not_judged(self):
        assert not by_blocks(hourly(50), lambda _, block: np.ones(len(block))).any()


class TestHoles:
    def test_are_what_was_last_known(self):
        values = np.array([np.nan, 2.0, np.nan, np.inf, 5.0])

        assert without_holes(np.arange(5.0), values, 1.0).readings.tolist() == [2, 2, 2, 2, 5]

    def test_a_series_of_nothing_but_holes_is_0(self):
        assert not without_holes(np.arange(3.0), np.full(3, np.nan), 1.0).readings.any()


class TestShapes:
    def test_every_point_of_the_block_has_one_that_ends_with_it(self):
        past, block = np.arange(20.0), np.arange(20.0, 25.0)

        known, new = shingles(past, block)

        assert len(known) == 20 - SHINGLE + 1
        assert new[:, -1].tolist() == block.tolist()
        assert known[-1, -1] == 19

    def test_are_measured_by_the_past_alone(self):
        past, block = hourly(100).part(0, 50), hourly(100).part(50, 100)

        known, new = standardised(past, block)

        assert known.mean() == pytest.approx(0)
        assert known.std() == pytest.approx(1)
        assert new.min() > known.max()

    def test_a_constant_past_is_no_division_by_0(self):
        flat = Series(np.arange(9.0), np.full(9, 4.0), 1.0)

        assert not np.concatenate(standardised(flat, flat)).any()


def test_a_day_has_as_many_points_as_the_step_says():
    assert hourly(3).period == 24
    assert Series(np.arange(3.0), np.arange(3.0), 300.0).period == 288
    assert Series(np.arange(3.0), np.arange(3.0), 7 * 86400.0).period == 2
