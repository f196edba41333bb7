"""Some series of a signal that are judged together, and all that is remembered of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.alerting.fdr import Tail
from anomaly.alerting.incidents import Chronicle, Incident, Probability, Rules, closed, follow
from anomaly.alerting.masks import Mask, masked
from anomaly.blocks import Key
from anomaly.detector import THRESHOLD, Replay
from anomaly.preparation import Judged, Preparation
from anomaly.presence import Presence
from anomaly.windows import Matrix

CHUNK_SERIES = 1000
"""Series of a chunk: enough that numpy's work outweighs Python's, few enough for the caches."""


class Stream(Protocol):
    """The detector's memory of the series."""

    def feed(self, timestamps: ArrayLike, values: ArrayLike, *, detail: bool = False) -> Replay:
        """Judge the points that follow."""

    def state(self) -> Mapping[str, NDArray[Any]]:
        """What it takes to go on."""


@dataclass(frozen=True)
class Method:
    """How all chunks of a signal are judged."""

    preparation: Preparation
    masks: Sequence[Mask]
    rules: Rules
    dead_after_seconds: float

    @property
    def presence_rules(self) -> Rules:
        """An absence is told as soon as it is one: it has waited for its steps."""
        return replace(self.rules, prominent_score=THRESHOLD)


@dataclass(frozen=True)
class Episode:
    """An incident, and the series whose it is."""

    key: Key
    incident: Incident


@dataclass(frozen=True)
class Outcome:
    """What a block of points brought for a chunk."""

    judged: Judged
    """The verdict on every point."""

    ended: tuple[Episode, ...]
    """Incidents that were over."""

    tested: NDArray[np.int64]
    """(time,): series that were judged at each point."""

    @property
    def scored(self) -> int:
        """Series that were judged at the last point."""
        return int(self.tested[-1])

    @property
    def warming(self) -> int:
        """Series that have a value there but too little history."""
        return int(np.count_nonzero(np.isfinite(self.judged.score[:, -1]))) - self.scored


@dataclass
class Chunk:
    """Series that are judged together; a row each."""

    keys: tuple[Key, ...]
    stream: Stream
    presence: Presence
    tail: Tail
    incidents: Chronicle
    """Of values that are not normal."""
    absences: Chronicle
    """Of series that are not there."""

    @classmethod
    def new(cls, keys: Sequence[Key], stream: Stream) -> "Chunk":
        """Of series that nothing is known of."""
        count = len(keys)
        empty = Chronicle()
        return cls(tuple(keys), stream, Presence.unknown(count), Tail.empty(count), empty, empty)

    def alive(self, at: float, dead_after_seconds: float) -> NDArray[np.bool_]:
        """Which series are not forgotten."""
        return self.presence.last > at - dead_after_seconds

    @property
    def open(self) -> tuple[Episode, ...]:
        """Incidents that go on."""
        both = (*self.incidents.open.items(), *self.absences.open.items())
        return tuple(Episode(self.keys[row], incident) for row, incident in both)

    def feed(
        self,
        timestamps: NDArray[np.float64],
        values: Matrix,
        traffic: Matrix | None,
        heard: NDArray[np.bool_],
        method: Method,
    ) -> Outcome:
        """Judge the points that follow.

        Args:
            timestamps: (time,), epoch seconds.
            values: (series, time), NaN where nothing is.
            traffic: requests per second behind them.
            heard: (time,), whether it says something that a series is not there.
            method: how.
        """
        signal, labels = method.preparation.signal, [dict(key) for key in self.keys]
        quiet = masked(method.masks, "suppress", signal.name, labels, timestamps)
        hidden = masked(method.masks, "exclude", signal.name, labels, timestamps)
        seen = method.preparation.seen(values, traffic)
        if hidden is not None:
            seen = np.where(hidden, np.nan, seen)
        replay = self.stream.feed(timestamps, seen, detail=True)
        judged = method.preparation.judged(timestamps, values, traffic, replay)
        known = np.isfinite(judged.score) & np.isfinite(judged.expected)
        scores = np.where(known, judged.score, np.nan)
        self.incidents, over = follow(
            self.incidents, judged, quiet, self._probability(scores), method.rules
        )
        self.tail = self.tail.extended(scores)
        self.presence, presence = self.presence.seen(
            timestamps, values, heard, signal.steps_to_absence
        )
        self.absences, back = follow(self.absences, presence, quiet, certain, method.presence_rules)
        forgotten = self._forget(float(timestamps[-1]), method.dead_after_seconds)
        return Outcome(
            judged,
            tuple(Episode(self.keys[row], incident) for row, incident in over + back + forgotten),
            np.count_nonzero(known, axis=0),
        )

    def _probability(self, scores: Matrix) -> Probability:
        tail = self.tail

        def probability(row: int, place: int, score: float) -> float:
            return tail.probability(row, scores[row, :place], score)

        return probability

    def _forget(self, at: float, dead_after_seconds: float) -> list[tuple[int, Incident]]:
        """End what is open of series that were gone for too long."""
        dead = np.flatnonzero(~self.alive(at, dead_after_seconds))
        self.incidents, over = closed(self.incidents, dead, at)
        self.absences, back = closed(self.absences, dead, at)
        return over + back


def certain(_row: int, _place: int, _score: float) -> float:
    """Absences are not weighed against chance."""
    return 1.0
