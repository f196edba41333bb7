"""How a detector that learns from a whole series is made to see only the past.

Time is cut into blocks, usually of a day. Before each block the peer learns from what lies behind,
then it judges the block. Missing values are what the last known value was, because none of the
peers takes series with holes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

DAY = 86400.0

HISTORY = 10_080
"""Points that a peer learns from at most: a week of minutes, five weeks of five minutes."""

FEWEST = 72
"""Points that it learns from at least; before that, nothing is judged."""

SHINGLE = 12
"""Points that make a shape, for the peers that compare shapes."""


@dataclass(frozen=True)
class Series:
    """A series without holes."""

    times: Vector
    """Epoch seconds; not decreasing."""

    readings: Vector
    """Finite."""

    step: float
    """Usual seconds between points."""

    @property
    def period(self) -> int:
        """Points in a day, and at least two."""
        return max(round(DAY / self.step), 2)

    def __len__(self) -> int:
        return len(self.times)

    def part(self, begin: int, end: int) -> "Series":
        """Return the points from one index up to another."""
        return Series(self.times[begin:end], self.readings[begin:end], self.step)


Judge = Callable[[Series, Series], Vector]
"""Learn from the first, score every point of the second by itself and what lies before it."""

Judged = Callable[[Series], Vector]
"""What an adapter offers: the score of every point."""


def without_holes(times: Vector, values: Vector, step: float) -> Series:
    """Put the last known value where one is missing, and the first one before that."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return Series(times, np.zeros(len(values)), step)
    last = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    return Series(times, values[known[np.maximum(last, 0)]], step)


def by_blocks(series: Series, judge: Judge, *, days: int = 1, fewest: int = FEWEST) -> Vector:
    """Learn anew before every block of some days and judge the block; 0 before the first."""
    length = series.period * days
    scores = np.zeros(len(series))
    first = -(-fewest // length) * length
    for begin in range(first, len(series), length):
        past = series.part(max(begin - HISTORY, 0), begin)
        block = series.part(begin, begin + length)
        scores[begin : begin + length] = judge(past, block)
    return scores


def standardised(past: Series, block: Series) -> tuple[Vector, Vector]:
    """Bring both to the past's mean 0 and deviation 1."""
    centre, spread = past.readings.mean(), past.readings.std()
    scale = spread if spread > 0 else 1.0
    return (past.readings - centre) / scale, (block.readings - centre) / scale


def shingles(past: Vector, block: Vector) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The last points up to each point as one row: of the past, and of the block."""
    both = np.concatenate((past, block))
    rows = np.lib.stride_tricks.sliding_window_view(both, SHINGLE)
    return rows[: len(past) - SHINGLE + 1], rows[len(past) - SHINGLE + 1 :]
