"""What comes every day or every week at the same time is no news: nightly jobs, Sunday's backup.

The strengths of the ticks are kept for some weeks. What was reached around the same civil time on
most of the last three days, or of the same days of the last three weeks, is expected to be reached
again, and only what exceeds it counts. Long
steps need none of this: a daily event is a large share of their ticks, so their bound knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import DAY, Block
from anomaly.detector.history import Tail
from anomaly.detector.season import DAYS, Places

MARGIN = 2.0
"""What exceeds what recurs by no more than that is no news."""

AROUND = 900.0
"""Seconds around the same time; what recurs is not punctual to the minute."""

LONGEST_STEP = 1800.0
"""Seconds; longer steps are left alone. One of 48 ticks is not yet a share that the bound knows."""

Strengths = NDArray[np.float32]


@dataclass
class Recurrence:
    """Strengths of the ticks of the history."""

    _strengths: Tail[np.float32]

    @classmethod
    def empty(cls, series: int) -> "Recurrence":
        """No past."""
        return cls(Tail(np.empty((0, series), np.float32)))

    @property
    def strengths(self) -> Strengths:
        """(time, series); NaN where there was none, and where none is known yet."""
        return self._strengths.rows

    def extend(self, ticks: int) -> None:
        """Make room for the ticks that follow."""
        self._strengths.extend(np.full((ticks, self.strengths.shape[1]), np.nan, np.float32))

    def put(self, at: slice, strengths: Block) -> None:
        """Keep the strengths of some ticks."""
        self.strengths[at] = strengths

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        self._strengths.trim()

    def usual(self, before: Places, at: slice, step: float) -> Block:
        """What most days, or weeks, reach around the same time, at the ticks `at`; else 0.

        Args:
            before: (seasons, 3, time), the ticks at the same time of other days.
            at: the ticks, no more than `horizon(step)` of them.
            step: seconds between ticks.
        """
        reached = self._together(before, at, step)
        if reached is None:
            reached = [[self._reached(places, at, step) for places in season] for season in before]
        days, weeks = (_most(*season) for season in reached)
        return np.maximum(days, weeks)

    def _together(self, before: Places, at: slice, step: float) -> Block | None:
        """The largest strengths around all of the ticks at once, (seasons, 3, time, series).

        None where they do not follow one another as those do that are judged.
        """
        around, ticks = _around(step), at.stop - at.start
        first = before[..., 0]
        known = (first >= around) & (first + around <= at.start - horizon(step))
        regular = before[known] == first[known][:, None] + np.arange(ticks)
        if not regular.all() or (before[~known] >= 0).any():
            return None
        reached = np.full((*before.shape, self.strengths.shape[1]), np.nan)
        if known.any():
            rows = first[known][:, None] + np.arange(-around, ticks + around)
            block = np.moveaxis(self.strengths[rows], 1, 0)
            reached[known] = np.moveaxis(largest_of(block, 2 * around + 1), 0, 1)
        return reached

    def _reached(self, places: Places, at: slice, step: float) -> Block:
        """The largest strength around some ticks; NaN where unknown."""
        around = _around(step)
        rows = np.arange(at.start, at.stop)
        # Not so near that it might belong to the ticks that are being judged.
        known = (places >= 0) & (places + around <= rows - horizon(step))
        reached = np.full((len(rows), self.strengths.shape[1]), np.nan)
        if known.any():
            first, last = places[known].min() - around, places[known].max() + around
            block = self.strengths[max(first, 0) : last + 1]
            ahead = np.full((max(-first, 0), block.shape[1]), np.nan, np.float32)
            largest = largest_of(np.concatenate([ahead, block]), 2 * around + 1)
            reached[known] = largest[places[known] - around - first]
        return reached

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {"strengths": self.strengths}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Recurrence":
        """The recurrence that gave that state."""
        return cls(Tail(np.array(state["strengths"], np.float32)))


def _most(one: Block, two: Block, three: Block) -> Block:
    """What two of three reach; of two both; 0 where fewer are known."""
    known = sum((~np.isnan(each)).astype(np.intp) for each in (one, two, three))
    middle = np.fmax(np.fmin(one, two), np.fmin(np.fmax(one, two), three))
    least = np.fmin(np.fmin(one, two), three)
    return np.where(known == len(DAYS), middle, np.where(known > 1, least, 0.0))


def horizon(step: float) -> int:
    """So many ticks can be judged at a time without one of them recurring in another."""
    return int(DAY // step) - _around(step) - 1


def _around(step: float) -> int:
    return int(AROUND // step)


def largest_of(block: Block, width: int) -> Block:
    """Largest of `width` rows from each row on; NaN only where all of them are."""
    have = 1
    while have < width:
        more = min(have, width - have)
        block = np.fmax(block[:-more], block[more:])
        have += more
    return block
