"""The values that a stream goes on from: times, values with their gaps filled, how many came."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.detection.arrays import CONTEXT, HISTORY, Block, Flags, Row, Times

STEP_SPAN = 64
"""Neighbours in time whose median distance is the step."""

LONG_GAP = 3
"""A value after more missing ticks than that is no change from the one before them."""


@dataclass
class History:
    """The last HISTORY ticks, and those of the portion that is being judged."""

    times: Times
    """(time,), epoch seconds."""

    values: Block
    """(time, series); a missing value is the one before it, or 0 where none was yet."""

    ages: NDArray[np.int64]
    """(series,): values that have come."""

    missing: NDArray[np.int64]
    """(series,): ticks without a value since the last one."""

    start: float
    """Time of the very first tick; NaN before it."""

    @classmethod
    def empty(cls, series: int) -> "History":
        """No past."""
        none = np.zeros(series, np.int64)
        return cls(np.empty(0), np.empty((0, series)), none, none, np.nan)

    def extend(self, times: Times, values: Block) -> "Portion":
        """Append some ticks, (time,) and (time, series) with NaN where no value is."""
        present = np.isfinite(values)
        began = len(self.times)
        if not began and len(times):
            self.start = float(times[0])
        last = self.values[-1] if began else np.zeros(values.shape[1])
        filled, ages, resumed = self._fill(values, present, last)
        self.times = np.concatenate([self.times, times])
        self.values = np.concatenate([self.values, filled])
        return Portion(began, present, ages, resumed)

    def _fill(
        self, values: Block, present: Flags, last: Row
    ) -> tuple[Block, NDArray[np.int64], Flags | None]:
        ages = self.ages + np.cumsum(present, axis=0)
        self.ages = ages[-1]
        if present.all() and not self.missing.any():
            return values, ages, None
        number = np.arange(1, len(values) + 1)[:, None]
        newest = np.maximum.accumulate(np.where(present, number, 0), axis=0)
        known = np.concatenate([last[None], np.where(present, values, 0.0)])
        filled = np.take_along_axis(known, newest, axis=0)
        before = np.concatenate([np.zeros((1, values.shape[1]), np.int64), newest[:-1]])
        gaps = number - before - 1 + np.where(before == 0, self.missing, 0)
        resumed = present & (gaps > LONG_GAP)
        self.missing = len(values) - newest[-1] + np.where(newest[-1] == 0, self.missing, 0)
        return filled, ages, resumed

    def step(self, at: int) -> float | None:
        """Seconds between neighbours before tick `at` of what is held; None when unknown."""
        distances = np.diff(self.times[max(0, at - STEP_SPAN - 1) : at])
        distances = distances[distances > 0]
        return float(np.median(distances)) if len(distances) else None

    def stretch(self, at: slice) -> Block:
        """The values of some ticks with CONTEXT ticks before; the first value before the first."""
        start = at.start - CONTEXT
        block = self.values[max(start, 0) : at.stop]
        if start < 0:
            ahead = np.repeat(self.values[:1], -start, axis=0)
            block = np.concatenate([ahead, block])
        return block

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        if len(self.times) > HISTORY:
            self.times = self.times[-HISTORY:].copy()
            self.values = self.values[-HISTORY:].copy()

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {
            "times": self.times,
            "values": self.values,
            "ages": self.ages,
            "missing": self.missing,
            "start": np.array(self.start),
        }

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "History":
        """The history that gave that state."""
        return cls(
            np.array(state["times"], np.float64),
            np.array(state["values"], np.float64),
            np.array(state["ages"], np.int64),
            np.array(state["missing"], np.int64),
            float(state["start"]),
        )


@dataclass(frozen=True)
class Portion:
    """Ticks that were just appended."""

    began: int
    """Place of the first of them in the history."""

    present: Flags
    """(time, series): where a value came."""

    ages: NDArray[np.int64]
    """(time, series): values that had come, each tick's own included."""

    resumed: Flags | None
    """Where a value came after a long gap; None where nowhere."""
