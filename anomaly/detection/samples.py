"""What is remembered of a long past: every so-manieth value, evenly spaced, in bounded memory.

A quantile needs no more than a few hundred values that are spread over the time that it stands for.
While a series is young every value is kept; when the memory is full, every second one goes and from
then on only every second tick is taken, until the memory spans what it should. From there on the
oldest goes for each that comes. Which ticks are kept follows from their number alone, so it makes
no difference in which portions they arrive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly.detection.arrays import Block

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Sorted:
    """Remembered values in rising order."""

    values: Values
    """(..., slots), NaN last."""

    counts: NDArray[np.intp]
    """(...,): how many are numbers."""

    def quantile(self, fraction: float) -> Block:
        """(...,): quantile, interpolated linearly; NaN where nothing is remembered."""
        slots = self.values.shape[-1]
        if not slots:
            return np.full(self.counts.shape, np.nan)
        if (self.counts == slots).all():
            whole, part = divmod(fraction * (slots - 1), 1.0)
            low = self.values[..., int(whole)].astype(np.float64)
            high = self.values[..., min(int(whole) + 1, slots - 1)].astype(np.float64)
            between: Block = low + (high - low) * part
            return between
        last = np.maximum(self.counts - 1, 0)
        place = fraction * last
        below = place.astype(np.intp)
        low, high = self._at(below), self._at(np.minimum(below + 1, last))
        return low + (high - low) * (place - below)

    def _at(self, places: NDArray[np.intp]) -> Block:
        picked = np.take_along_axis(self.values, places[..., None], axis=-1)
        return picked[..., 0].astype(np.float64)


def _sorted(values: Values) -> Sorted:
    ordered = np.sort(values, axis=-1)
    slots = ordered.shape[-1]
    if slots and not np.isnan(ordered[..., -1]).any():
        return Sorted(ordered, np.full(ordered.shape[:-1], slots))
    return Sorted(ordered, np.count_nonzero(~np.isnan(ordered), axis=-1))


@dataclass
class Samples:
    """Memory of some series; grows to `slots` values that span `reach` ticks."""

    values: Values
    """(..., slots), oldest first until the memory is full, then as a ring."""

    reach: int
    """Ticks that a full memory spans; slots times a power of two."""

    taken: int = 0
    """Values that were ever put in, or stand for those that were before thinning."""

    stride: int = 1
    """One tick in so many is taken."""

    _slots: int = field(init=False)

    def __post_init__(self) -> None:
        self._slots = self.values.shape[-1]

    @classmethod
    def empty(cls, shape: tuple[int, ...], slots: int, reach: int) -> "Samples":
        """A memory without any value, of so many rows."""
        return cls(np.full((*shape, slots), np.nan, np.float32), reach)

    @property
    def filled(self) -> int:
        """Slots in use."""
        return min(self.taken, self._slots)

    def add(self, tick: int, block: Block) -> None:
        """Take what is to be remembered of the ticks from `tick` on; (time, ...)."""
        start = 0
        while start < len(block):
            if self.taken == self._slots and self.stride * self._slots < self.reach:
                self._thin()
            first = start + (-(tick + start)) % self.stride
            if first >= len(block):
                return
            place = self.taken % self._slots
            rows = block[first :: self.stride][: self._slots - place]
            self.values[..., place : place + len(rows)] = np.moveaxis(rows, 0, -1)
            self.taken += len(rows)
            start = first + (len(rows) - 1) * self.stride + 1

    def _thin(self) -> None:
        kept = self.values[..., ::2].copy()
        self.taken = kept.shape[-1]
        self.values[..., : self.taken] = kept
        self.values[..., self.taken :] = np.nan
        self.stride *= 2

    def ordered(self, rows: Any = ...) -> Sorted:
        """The values of some rows in rising order."""
        return _sorted(self.values[rows][..., : self.filled])

    def distances(self, centres: Block) -> Sorted:
        """How far the values lie from a centre (...,) of each row, in rising order."""
        values = self.values[..., : self.filled] - centres[..., None].astype(np.float32)
        return _sorted(np.abs(values, out=values))

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {"values": self.values, "counts": np.array([self.reach, self.taken, self.stride])}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Samples":
        """The memory that gave that state."""
        reach, taken, stride = (int(count) for count in state["counts"])
        return cls(np.array(state["values"], np.float32), reach, taken, stride)
