"""What is remembered of a long past: one value of every so many, in bounded memory; and their size.

A quantile needs no more than a few hundred values that are spread over the time that it stands for.
While a series is young every value is kept; when the memory is full, one of each two goes and from
then on only one of each two ticks is taken, until the memory spans what it should. From there on
the oldest goes for each that comes. Which ticks are kept follows from their number alone, so it
makes no difference in which portions they arrive; and it is a toss of coins, so that what comes
every hour, or at every second tick, is neither always taken nor never.

How large residuals usually are is a robust scale that is never zero. The median absolute deviation
alone says 0 for a series that mostly stands still, and then anything is infinitely far away. So the
scale is the largest of a chain: the median, what the 90 % quantile would say of a normal series
(halved, so that a few bursts do not widen it), a share of the largest, a share of the level, a
hair's breadth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import Block, Flags, Row
from anomaly.detector.stored import Stored

Values = NDArray[np.float32]
Ticks = NDArray[np.int64]

COIN = np.uint64(0x9E3779B97F4A7C15)
"""2**64 times the golden section: the leading bits of its multiples keep time with nothing."""


PAGE = 4096
"""Ticks of which it is remembered together which are kept; a multiple of every stride."""


@dataclass(frozen=True)
class Sorted:
    """Remembered values in rising order."""

    values: Values
    """(..., slots), NaN last."""

    counts: NDArray[np.intp]
    """(...,): how many are numbers."""

    def quantile(self, fraction: float | Block) -> Block:
        """(...,): quantile, interpolated linearly; NaN where nothing is remembered."""
        slots = self.values.shape[-1]
        if not slots:
            return np.full(self.counts.shape, np.nan)
        if isinstance(fraction, float) and (self.counts == slots).all():
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
        rows = self.values.reshape(-1, self.values.shape[-1])
        picked = rows[np.arange(len(rows)), places.ravel()].astype(np.float64)
        return picked.reshape(places.shape)


def _sorted(values: Values) -> Sorted:
    ordered = np.sort(values, axis=-1)
    slots = ordered.shape[-1]
    if slots and not np.isnan(ordered[..., -1]).any():
        return Sorted(ordered, np.full(ordered.shape[:-1], slots))
    return Sorted(ordered, np.count_nonzero(~np.isnan(ordered), axis=-1))


@dataclass
class Samples(Stored):
    """Memory of some series; grows to `slots` values that span `reach` ticks."""

    values: Values
    """(..., slots), oldest first until the memory is full, then as a ring."""

    reach: int
    """Ticks that a full memory spans; slots times a power of two."""

    ticks: Ticks
    """(slots,): which ticks the values are of."""

    taken: int = 0
    """Values that were ever put in, or stand for those that were before thinning."""

    stride: int = 1
    """One tick in so many is taken."""

    @classmethod
    def empty(cls, shape: tuple[int, ...], slots: int, reach: int) -> "Samples":
        """A memory without any value, of so many rows."""
        values = np.full((*shape, slots), np.nan, np.float32)
        return cls(values, reach, np.zeros(slots, np.int64))

    @property
    def filled(self) -> int:
        """Slots in use."""
        return min(self.taken, len(self.ticks))

    def add(self, tick: int, block: Block) -> None:
        """Take what is to be remembered of the ticks from `tick` on; (time, ...)."""
        self.take(tick, len(block), lambda ticks: np.moveaxis(block[ticks], 0, -1))

    def take(
        self, tick: int, count: int, pick: Callable[[Ticks], Block], present: Flags | None = None
    ) -> None:
        """The same of so many ticks; what some of them are, (..., time), is asked for.

        Where series are not `present`, (time, series), nothing old is driven out: they are
        remembered over a long silence.
        """
        slots, end, following = len(self.ticks), tick + count, tick
        while following < end:
            if self.taken == slots and self.stride * slots < self.reach:
                self._thin()
            place = self.taken % slots
            ticks = chosen(following, end, self.stride)[: slots - place]
            if not len(ticks):
                return
            places = slice(place, place + len(ticks))
            picked = pick(ticks - tick)
            if present is not None:
                there = present[ticks - tick].T
                picked = np.where(there, picked, self.values[..., places])
            self.values[..., places] = picked
            self.ticks[places] = ticks
            self.taken += len(ticks)
            following = int(ticks[-1]) + 1

    def only(self, series: slice) -> "Samples":
        """Some series; their values are those of the others."""
        return replace(self, values=self.values[..., series, :])

    def fill(self, values: Block) -> None:
        """Hold these, (..., time), instead of all that was put in."""
        places = np.linspace(0, values.shape[-1] - 1, self.filled).round().astype(np.intp)
        self.values[..., : self.filled] = values[..., places]

    def _thin(self) -> None:
        self.stride *= 2
        kept = _standing(self.ticks // self.stride, self.stride) == self.ticks
        self.taken = int(kept.sum())
        self.ticks[: self.taken] = self.ticks[kept]
        self.values[..., : self.taken] = self.values[..., kept]
        self.values[..., self.taken :] = np.nan

    def ordered(self, rows: Any = ...) -> Sorted:
        """The values of some rows in rising order."""
        return _sorted(self.values[rows][..., : self.filled])

    def distances(self, centres: Block) -> Sorted:
        """How far the values lie from a centre (...,) of each row, in rising order."""
        values = self.values[..., : self.filled] - centres[..., None].astype(np.float32)
        return _sorted(np.abs(values, out=values))


def chosen(first: int, end: int, stride: int) -> Ticks:
    """Of the ticks from `first` up to `end`, those that stand for `stride` neighbours each."""
    pages = [
        _page(number, stride) for number in range(first // PAGE, max(end - 1, first) // PAGE + 1)
    ]
    ticks = pages[0] if len(pages) == 1 else np.concatenate(pages)
    return ticks[ticks.searchsorted(first) : ticks.searchsorted(end)]


@lru_cache(maxsize=64)  # all streams ask for the same
def _page(number: int, stride: int) -> Ticks:
    """Those of the so-manieth PAGE ticks."""
    groups = np.arange(number * PAGE // stride, max((number + 1) * PAGE // stride, 1))
    ticks = _standing(groups, stride)
    ticks.setflags(write=False)
    return ticks


def _standing(groups: Ticks, stride: int) -> Ticks:
    """The tick that stands for each group of `stride` neighbours.

    A coin says in which half of the group it lies, and in which half of that, and so on: so it
    stood for its half before the two were one.
    """
    while stride > 1:
        stride //= 2
        groups = 2 * groups + ((groups.astype(np.uint64) * COIN) >> np.uint64(63)).astype(np.int64)
    return groups


MEDIAN_TO_DEVIATION = 1.4826
"""Standard deviations of a normal distribution in its median absolute deviation."""

UPPER = 0.9
UPPER_TO_DEVIATION = 0.5 / 1.645
"""Half of what that quantile of absolute values says of the standard deviation."""

SHARE_OF_LEVEL = 1e-3
"""A thousandth of the level is what rounding and jitter may do."""

SHARE_OF_LARGEST = 0.05
"""Nothing is more than 20 times the largest residual that is remembered; bursts stay comparable."""

LEAST = 1e-12
"""Where the level is zero too."""


def floor(level: Row) -> Row:
    """The least that a residual of a series at that level can usually be."""
    return np.maximum(SHARE_OF_LEVEL * np.abs(level), LEAST)


def scale(sizes: Sorted, least: Block) -> Block:
    """The usual size of residuals whose absolute values are given; at least `least`."""
    typical = MEDIAN_TO_DEVIATION * sizes.quantile(0.5)
    upper = UPPER_TO_DEVIATION * sizes.quantile(UPPER)
    largest = SHARE_OF_LARGEST * sizes.quantile(1.0)
    return np.fmax(np.fmax(typical, upper), np.fmax(largest, least))
