"""What is measured, and the process that measures it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bench.peers.python import RunError
from bench.throughput.cases import COPY, LARGEST, STANDARD, Case, Cost, beside
from bench.throughput.measuring import measure
from bench.throughput.workload import chunks, matrix, timestamps


class TestWorkload:
    def test_chunks_are_all_series_and_none_twice(self):
        pieces = [piece.copy() for piece in chunks(10, 50, 4)]

        assert [len(piece) for piece in pieces] == [4, 4, 2]
        assert len(np.unique(np.concatenate(pieces)[:, 0])) == 10

    def test_series_differ_and_the_same_seed_is_the_same_matrix(self):
        values = matrix(5, 300)

        assert values.shape == (5, len(timestamps(300)))
        assert len(np.unique(values.mean(axis=1))) == 5
        assert np.array_equal(values, matrix(5, 300))
        assert not np.array_equal(values, matrix(5, 300, seed=1))


class TestCases:
    def test_the_largest_is_what_one_run_of_one_shard_replays(self):
        assert LARGEST.samples == 40_320_000
        assert STANDARD.samples == 4_032_000

    def test_peers_are_measured_on_the_same_kind_of_series(self):
        assert beside("stl").points == STANDARD.points
        assert beside("stl").method == "stl"

    def test_the_rate_is_of_processor_time(self):
        assert Cost(wall=10, cpu=2, peak=0, samples=100).rate == 50


class TestMeasure:
    def test_a_process_of_its_own_measures_time_and_memory(self):
        case = Case("ours", "copy", 300, 1000, chunk=100)

        cost = measure(Path(sys.executable), case)

        assert cost.samples == 300_000
        assert cost.cpu > 0
        assert 10 * 2**20 < cost.peak < 2**30

    @pytest.mark.parametrize("work", ["replay", "tick"])
    def test_the_detector_is_measured_on_all_series_of_all_chunks(self, work):
        cost = measure(Path(sys.executable), Case("ours", work, 5, 8, chunk=2))

        assert cost.samples == 40
        assert cost.cpu > 0

    def test_the_plain_copy_is_of_more_than_a_cache_holds(self):
        assert COPY.chunk * COPY.points * 8 > 30 * 2**20

    def test_an_unknown_method_is_an_error(self):
        with pytest.raises(RunError, match=r"failed: .*bench\.peers\.adapters\.nothing"):
            measure(Path(sys.executable), beside("nothing"))
