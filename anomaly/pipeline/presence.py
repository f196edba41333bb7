"""Which series are there: one that was and is no more is a finding of its own, not a zero.

A value is there whenever it came. Steps without one are counted only where the query brought any
series at all: when nothing comes, it is not the services that are gone but those who watch them.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.detector.arrays import Matrix
from anomaly.incidents.track import Flags, Judged

ENOUGH = 48
"""Points after which a series counts as one that should be there; four hours of five minutes. A
canary or a job that lived shorter may end without a word."""

GAP_FACTOR = 2
"""A series with gaps is absent after so many times its longest."""

REGULAR = 2
"""So many times a series must have come back after the same time until it is missed when due."""

PUNCTUAL = 900.0
"""Seconds by which what comes regularly may differ."""

VIEW = "presence"
"""The view that speaks for what is absent."""


@dataclass(frozen=True)
class Presence:
    """What is known of some series' being there; all (series,)."""

    points: NDArray[np.int64]
    gap: NDArray[np.int64]
    """Steps since the newest."""

    longest: NDArray[np.int64]
    """Longest gap that ended."""

    last: NDArray[np.float64]
    """Epoch seconds of the newest value; -inf before the first."""

    value: NDArray[np.float64]
    began: NDArray[np.float64]
    """When, in seconds of civil time, the newest value after a gap came; NaN before the first."""

    interval: NDArray[np.float64]
    """Seconds from the one before to that; NaN before there are two."""

    regular: NDArray[np.int64]
    """How often that interval has repeated."""

    @classmethod
    def unknown(cls, series: int) -> Self:
        """Before anything came."""
        none = np.zeros(series, dtype=np.int64)
        nothing = np.full(series, np.nan)
        never = np.full(series, -np.inf)
        return cls(none, none, none, never, nothing, nothing, nothing, none)

    def alive(self, at: float, dead_after_seconds: float) -> NDArray[np.bool_]:
        """Which series are not forgotten at a moment."""
        return self.ends(dead_after_seconds) > at

    def ends(self, dead_after_seconds: float) -> NDArray[np.float64]:
        """When each series is forgotten; one that mostly is not there, not before it is due."""
        rests = (self.longest > self.points) | (self.regular >= REGULAR)
        pause = np.where(rests, np.nan_to_num(self.interval), 0.0)
        ends: NDArray[np.float64] = self.last + pause + dead_after_seconds
        return ends

    def _due(
        self, civil: NDArray[np.float64], starts: Flags
    ) -> tuple[Matrix, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]]:
        """From when on each series is late, at each point, and what is known of its schedule."""
        due = np.full(starts.shape, np.inf)
        began, interval, regular = self.began.copy(), self.interval.copy(), self.regular.copy()
        for row in np.flatnonzero(starts.any(axis=1) | (self.regular >= REGULAR)).tolist():
            schedule = _Schedule(float(began[row]), float(interval[row]), int(regular[row]))
            since = 0
            for place in np.flatnonzero(starts[row]).tolist():
                due[row, since:place] = schedule.due
                schedule.back(float(civil[place]))
                since = place
            due[row, since:] = schedule.due
            began[row], interval[row] = schedule.began, schedule.interval
            regular[row] = schedule.regular
        return due, (began, interval, regular)

    def seen(
        self,
        timestamps: NDArray[np.float64],
        values: Matrix,
        heard: NDArray[np.bool_],
        steps: int,
        ahead: ArrayLike = 0.0,
    ) -> tuple["Presence", Judged]:
        """What a block of points adds, and which series are absent at which of them.

        Args:
            timestamps: (time,).
            values: (series, time), NaN where nothing is.
            heard: (time,), whether the query brought any series then.
            steps: after how many a series is absent; 0 for never.
            ahead: seconds that local clocks are ahead of UTC; jobs go by the clock on the wall.
        """
        there = ~np.isnan(values)
        points = self.points[:, None] + np.cumsum(there, axis=1)
        # The steps before the first value are no gap.
        gaps = np.where(points > 0, _gaps(there, heard, self.gap), 0)
        before = np.concatenate([self.gap[:, None], gaps[:, :-1]], axis=1)
        longest = np.maximum.accumulate(np.where(there, before, 0), axis=1)
        longest = np.maximum(longest, self.longest[:, None])
        newest = _newest(values, there, self.value)
        starts = there & ((before >= max(steps, 1)) | (points == 1))
        civil = timestamps + np.asarray(ahead)
        due, schedule = self._due(civil, starts)
        after = Presence(
            points[:, -1],
            gaps[:, -1],
            longest[:, -1],
            np.maximum(self.last, np.max(np.where(there, timestamps, -np.inf), axis=1)),
            newest[:, -1],
            *schedule,
        )
        allowed = np.maximum(steps, GAP_FACTOR * longest)
        late = (civil >= due) & (gaps > 0)
        absent = (late | ((gaps >= allowed) & (points >= ENOUGH))) & (steps > 0) & heard
        score = np.where(heard, np.fmax(gaps / np.maximum(allowed, 1), late), np.nan)
        return after, _judged(timestamps, absent, score, newest)


@dataclass
class _Schedule:
    """When one series comes back, in civil time."""

    began: float
    interval: float
    regular: int

    @property
    def due(self) -> float:
        """From when on it is late; infinite while it is not known to be regular."""
        return self.began + self.interval + PUNCTUAL if self.regular >= REGULAR else np.inf

    def back(self, now: float) -> None:
        """It came back; after a miss it may be twice the time."""
        passed = now - self.began
        times = max(round(passed / self.interval), 1) if self.interval > 0 else 1
        if abs(passed - times * self.interval) <= PUNCTUAL:
            self.regular += times == 1
        else:
            self.interval, self.regular = passed, 0
        self.began = now


def _judged(
    timestamps: NDArray[np.float64], absent: Flags, score: Matrix, newest: Matrix
) -> Judged:
    nothing = np.full(absent.shape, np.nan)
    return Judged(
        timestamps=timestamps,
        values=nothing,
        score=score,
        alerting=absent,
        matters=absent,
        expected=newest,
        lower=nothing,
        upper=nothing,
        views={VIEW: score},
    )


def _gaps(there: Flags, heard: NDArray[np.bool_], gap: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps since the newest value, at each point, of steps at which anything was heard."""
    clock = np.cumsum(heard)
    newest = np.maximum.accumulate(np.where(there, clock, -1), axis=1)
    since: NDArray[np.int64] = np.where(newest >= 0, clock - newest, clock + gap[:, None])
    return since


def _newest(values: Matrix, there: Flags, before: NDArray[np.float64]) -> Matrix:
    """The newest value at each point."""
    place = np.maximum.accumulate(np.where(there, np.arange(there.shape[1]), -1), axis=1)
    inside = np.take_along_axis(values, np.maximum(place, 0), axis=1)
    return np.where(place >= 0, inside, before[:, None])
