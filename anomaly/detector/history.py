"""The values that a stream goes on from: times, values with their gaps filled, how many came.

They grow at their end and are trimmed at their beginning; both are cheap, however many are held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import CONTEXT, HISTORY, Block, Flags, Row, Times

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
class History:
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
        last = self.values[-1] if began else np.zeros(values.shape[1])
        filled, newest = self._fill(times, values, present, last)
        gaps = times[:, None] - np.concatenate([self.newest[None], newest[:-1]])
        ages = self.ages + np.cumsum(present, axis=0)
        self.ages, self.newest = ages[-1], newest[-1]
        self._times.extend(times)
        self._values.extend(filled)
        self._present.extend(present)
        return Portion(began, times, present, ages, gaps)

    def _fill(self, times: Times, values: Block, present: Flags, last: Row) -> tuple[Block, Block]:
        """The values without gaps, and when the newest of them came."""
        if present.all():
            return values, np.repeat(times[:, None], values.shape[1], axis=1)
        number = np.arange(1, len(values) + 1)[:, None]
        newest = np.maximum.accumulate(np.where(present, number, 0), axis=0)
        known = np.concatenate([last[None], np.where(present, values, 0.0)])
        came = np.where(newest > 0, times[np.maximum(newest, 1) - 1], self.newest)
        return np.take_along_axis(known, newest, axis=0), came

    def fresh(self, portion: "Portion", part: slice, step: float) -> Counts:
        """Values that have come since the last long gap, in consecutive parts of a portion."""
        ages = portion.ages[part]
        resumed = portion.present[part] & (portion.gaps[part] > LONG_GAP * step)
        if not resumed.any():
            return ages - self.stale
        stale = np.maximum.accumulate(np.where(resumed, ages - 1, 0), axis=0)
        stale = np.maximum(stale, self.stale)
        self.stale = stale[-1]
        return ages - stale

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

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {
            "times": self.times,
            "values": self.values,
            "present": self.present,
            "ages": self.ages,
            "newest": self.newest,
            "stale": self.stale,
            "start": np.array(self.start),
        }

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "History":
        """The history that gave that state."""
        return cls(
            Tail(np.array(state["times"], np.float64)),
            Tail(np.array(state["values"], np.float64)),
            Tail(np.array(state["present"], np.bool_)),
            np.array(state["ages"], np.int64),
            np.array(state["newest"], np.float64),
            np.array(state["stale"], np.int64),
            float(state["start"]),
        )


@dataclass(frozen=True)
class Portion:
    """Ticks that were just appended."""

    began: int
    """Place of the first of them in the history."""

    times: Times
    """(time,), epoch seconds."""

    present: Flags
    """(time, series): where a value came."""

    ages: Counts
    """(time, series): values that had come, each tick's own included."""

    gaps: Block
    """(time, series): seconds since the value before; NaN where there was none."""
