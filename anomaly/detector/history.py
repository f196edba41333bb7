"""The values that a stream goes on from: times, values with their gaps filled, how many came."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import CONTEXT, Block, Flags, Row, Times
from anomaly.detector.stored import Stored, Tail

STEP_SPAN = 64
"""Neighbours in time whose median distance is the step."""

LEAST_STEP = 1.0
"""Seconds; nobody reads a step that is shorter, and minutes of such would be endless."""

LONG_GAP = 4.5
"""Steps; what follows the value before it by more than that is no neighbour of it."""

HOLE = 3
"""Ticks without a value that the value before them stands for."""

Counts = NDArray[np.int64]


@dataclass
class History(Stored):
    """The last HISTORY ticks, and those of the portion that is being judged."""

    _times: Tail[np.float64]
    _values: Tail[np.float64]
    _present: Tail[np.bool_]

    ages: Counts
    """(series,): values that have come."""

    newest: Row
    """(series,): time of the last value; NaN before the first."""

    stale: Counts
    """(series,): values that had come before the last long gap."""

    start: float
    """Time of the very first tick; NaN before it."""

    @classmethod
    def empty(cls, series: int) -> "History":
        """No past."""
        none, never = np.zeros(series, np.int64), np.full(series, np.nan)
        values, present = np.empty((0, series)), np.empty((0, series), np.bool_)
        return cls(Tail(np.empty(0)), Tail(values), Tail(present), none, never, none, np.nan)

    @property
    def times(self) -> Times:
        """(time,), epoch seconds."""
        return self._times.rows

    @property
    def values(self) -> Block:
        """(time, series); a missing value is the one before it, or 0 where none was yet."""
        return self._values.rows

    @property
    def present(self) -> Flags:
        """(time, series): where a value came."""
        return self._present.rows

    def extend(self, times: Times, values: Block) -> "Portion":
        """Append some ticks, (time,) and (time, series) with NaN where no value is."""
        present = np.isfinite(values)
        began = len(self.times)
        if not began and len(times):
            self.start = float(times[0])
        portion = Portion(began, times, present, self.ages, self.newest)
        if portion.complete:
            filled = values
            self.ages, self.newest = self.ages + len(times), np.full_like(self.newest, times[-1])
        else:
            last = self.values[-1] if began else np.zeros(values.shape[1])
            known = np.concatenate([last[None], np.where(present, values, 0.0)])
            filled = np.take_along_axis(known, portion.newest_places, axis=0)
            self.ages, self.newest = portion.ages[-1], portion.newest_times[-1]
        self._times.extend(times)
        self._values.extend(filled)
        self._present.extend(present)
        return portion

    def settled(self, portion: "Portion", part: slice, step: float, least: int) -> bool:
        """Whether every value of a part came, after at least so many without a long gap."""
        if not portion.complete or (portion.before + part.start - self.stale).min() < least - 1:
            return False
        times = portion.times[max(part.start - 1, 0) : part.stop]
        first = portion.newest_before if not part.start else times[:1]
        gaps = [portion.times[part.start] - first, times[1:] - times[:-1]]
        return all(bool((gap <= LONG_GAP * step).all()) for gap in gaps)

    def fresh(self, portion: "Portion", part: slice, step: float) -> Counts:
        """Values that have come since the last long gap, in some ticks of a portion."""
        ages = portion.ages[part]
        resumed = portion.present[part] & (portion.gaps[part] > LONG_GAP * step)
        if not resumed.any():
            return ages - self.stale
        stale = np.maximum.accumulate(np.where(resumed, ages - 1, 0), axis=0)
        return ages - np.maximum(stale, self.stale)

    def go_by(self, portion: "Portion", part: slice, fresh: Counts) -> None:
        """Those ticks are past."""
        self.stale = portion.ages[part][-1] - fresh[-1]

    def only(self, series: slice) -> "History":
        """Some series; what is changed in one is changed in the other."""
        return replace(
            self,
            _values=Tail(self.values[:, series]),
            _present=Tail(self.present[:, series]),
            ages=self.ages[series],
            newest=self.newest[series],
            stale=self.stale[series],
        )

    def step(self, at: int) -> float | None:
        """Seconds between neighbours before tick `at` of what is held; None when unknown."""
        distances = np.diff(self.times[max(0, at - STEP_SPAN - 1) : at])
        distances = distances[distances > 0]
        return max(float(np.median(distances)), LEAST_STEP) if len(distances) else None

    def stretch(self, at: slice) -> Block:
        """The values of some ticks with CONTEXT ticks before; the first value before the first."""
        start = at.start - CONTEXT
        block = self.values[max(start, 0) : at.stop]
        if start < 0:
            ahead = np.repeat(self.values[:1], -start, axis=0)
            block = np.concatenate([ahead, block])
        return block

    def known(self, places: NDArray[np.intp]) -> Flags:
        """(place, series): where the value of a tick is its own, or that of one shortly before."""
        known = self.present[places]
        for back in range(1, HOLE + 1):
            if known.all():
                break
            known |= self.present[np.maximum(places - back, 0)]
        return known

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        self._times.trim()
        self._values.trim()
        self._present.trim()


@dataclass(frozen=True)
class Portion:
    """Ticks that were just appended."""

    began: int
    """Place of the first of them in the history."""

    times: Times
    """(time,), epoch seconds."""

    present: Flags
    """(time, series): where a value came."""

    before: Counts
    """(series,): values that had come before."""

    newest_before: Row
    """(series,): time of the last of those; NaN where there was none."""

    @cached_property
    def complete(self) -> bool:
        """Whether every value came."""
        return bool(self.present.all())

    @cached_property
    def ages(self) -> Counts:
        """(time, series): values that had come, each tick's own included."""
        return self.before + np.cumsum(self.present, axis=0)

    @cached_property
    def newest_places(self) -> Counts:
        """(time, series): number of the tick of the newest value, from 1 on; 0 where none came."""
        number = np.arange(1, len(self.times) + 1)[:, None]
        return np.maximum.accumulate(np.where(self.present, number, 0), axis=0)

    @cached_property
    def newest_times(self) -> Block:
        """(time, series): when that was; NaN before the first value of all."""
        came = self.times[np.maximum(self.newest_places, 1) - 1]
        return np.where(self.newest_places > 0, came, self.newest_before)

    @cached_property
    def gaps(self) -> Block:
        """(time, series): seconds since the value before; NaN where there was none."""
        before = np.concatenate([self.newest_before[None], self.newest_times[:-1]])
        gaps: Block = self.times[:, None] - before
        return gaps
