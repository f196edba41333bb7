"""Some series of a signal that are judged together, and all that is remembered of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.config.masks import Mask, masked
from anomaly.detector import THRESHOLD, Replay
from anomaly.detector.windows import Matrix
from anomaly.incidents.fdr import Tail
from anomaly.incidents.track import (
    NEVER,
    Chronicle,
    Incident,
    Probability,
    Rules,
    closed,
    follow,
)
from anomaly.pipeline.preparation import Judged, Preparation
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Key
from anomaly.prometheus.readings import Reading

SLICE_SAMPLES = 1 << 16
"""Samples that are judged at once; judging makes some forty arrays of that size."""


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

    def judge(self, reading: Reading, method: Method) -> Iterator[tuple[Presence, Outcome]]:
        """Judge the points that follow, in slices; with what was known of presence before each."""
        steps = max(SLICE_SAMPLES // len(self.keys), 1)
        for start in range(0, len(reading.timestamps), steps):
            before = self.presence
            yield before, self.feed(reading.part(slice(start, start + steps)), method)

    def feed(self, reading: Reading, method: Method) -> Outcome:
        """Judge the points that follow."""
        times, signal = reading.timestamps, method.preparation.signal
        labels = [dict(key) for key in self.keys]
        quiet = masked(method.masks, "suppress", signal.name, labels, times)
        hidden = masked(method.masks, "exclude", signal.name, labels, times)
        seen = method.preparation.seen(reading.values, reading.traffic)
        if hidden is not None:
            seen = np.where(hidden, np.nan, seen)
        replay = self.stream.feed(times, seen, detail=True)
        judged = method.preparation.judged(times, reading.values, reading.traffic, replay)
        known = np.isfinite(judged.score) & np.isfinite(judged.upper)
        scores = np.where(known, judged.score, np.nan)
        self.incidents, over = follow(
            self.incidents, judged, quiet, self._probability(scores), method.rules
        )
        self.tail = self.tail.extended(scores)
        self.presence, presence = self.presence.seen(
            times, reading.values, reading.heard, signal.steps_to_absence
        )
        self.absences, back = follow(self.absences, presence, quiet, certain, method.presence_rules)
        forgotten = self._forget(float(times[-1]), method.dead_after_seconds)
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
        dead = np.flatnonzero(~self.presence.alive(at, dead_after_seconds))
        self.incidents, over = closed(self.incidents, dead, at)
        self.absences, back = closed(self.absences, dead, at)
        return over + back


def certain(_row: int, _place: int, _score: float) -> float:
    """Absences are not weighed against chance; they are told because they are there."""
    return NEVER
