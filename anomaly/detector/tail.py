"""The newest rows of an array that grows at its end and is trimmed at its beginning.

Both are cheap, however many rows are held: behind them there is room for more, and what is trimmed
stays until the rows have to move.
"""

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import HISTORY

Scalar = TypeVar("Scalar", bound=np.generic)

ROOM = 8
"""Rows move to an array with room for an eighth more."""


class Tail(Generic[Scalar]):
    """Rows (time, ...), the oldest first."""

    def __init__(self, rows: NDArray[Scalar]) -> None:
        self._store = rows
        self._first, self._end = 0, len(rows)

    @property
    def rows(self) -> NDArray[Scalar]:
        """All that are held; what is written to them is written here."""
        return self._store[self._first : self._end]

    def extend(self, more: NDArray[Scalar]) -> None:
        """Append some."""
        end = self._end + len(more)
        if end > len(self._store):
            rows = self.rows
            end = len(rows) + len(more)
            self._store = np.empty((end + end // ROOM, *rows.shape[1:]), rows.dtype)
            self._store[: len(rows)] = rows
            self._first, self._end = 0, len(rows)
        self._store[self._end : end] = more
        self._end = end

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        self._first = max(self._first, self._end - HISTORY)
        if len(self._store) > 2 * HISTORY:
            self._store = self.rows.copy()
            self._first, self._end = 0, len(self._store)
