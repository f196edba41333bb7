"""The newest rows, however they came."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector.arrays import HISTORY
from anomaly.detector.history import Tail


class TestTail:
    @given(st.lists(st.sampled_from([0, 1, 7, 2000, HISTORY, 3 * HISTORY]), max_size=12))
    def test_holds_the_newest_rows_of_all_that_came(self, sizes):
        """Whatever the portions, and however often rows had to move."""
        tail, came = Tail(np.empty((0, 2))), 0
        for size in sizes:
            numbers = np.arange(came, came + size, dtype=float)
            tail.extend(np.stack([numbers, -numbers], axis=1))
            came += size
            tail.trim()
            kept = np.arange(max(came - HISTORY, 0), came)
            assert np.array_equal(tail.rows, np.stack([kept, -kept], axis=1))

    def test_is_not_trimmed_by_growing(self):
        """A portion that is being judged still looks back to what was held before it."""
        tail = Tail(np.arange(HISTORY))
        tail.extend(np.arange(5))
        assert len(tail.rows) == HISTORY + 5

    def test_memory_is_bounded(self):
        """One portion of any size leaves no more than twice the history."""
        tail = Tail(np.arange(10 * HISTORY))
        tail.trim()
        rows = tail.rows
        assert (rows if rows.base is None else rows.base).size <= 2 * HISTORY

    def test_does_not_move_with_every_tick(self):
        """Only once in a while, however many rows are held."""
        tail, moved, store = Tail(np.zeros(HISTORY)), 0, None
        for _ in range(1000):
            tail.extend(np.zeros(1))
            tail.trim()
            moved += tail.rows.base is not store
            store = tail.rows.base
        assert moved == 1

    def test_writes_go_through(self):
        """What is written to the rows stays, also when they move."""
        tail = Tail(np.zeros(3))
        tail.rows[1] = 5
        tail.extend(np.ones(100))
        assert tail.rows[:4].tolist() == [0, 5, 0, 1]
