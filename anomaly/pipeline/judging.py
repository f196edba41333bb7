"""What was read of a signal, judged chunk after chunk: what is found, and what is to be kept."""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from anomaly.config.masks import masked
from anomaly.detector import Detector
from anomaly.detector.arrays import Times
from anomaly.incidents.track import Chronicle, follow
from anomaly.pipeline.chunks import Chunk, Episode, Method, Outcome, certain
from anomaly.pipeline.preparation import Flags
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Key
from anomaly.prometheus.readings import Readings
from anomaly.state.signal_file import Header, Remembered

WHOLE: Key = ()
"""Stands for all series of a signal."""

PassOn = Callable[[Chunk, Presence, Outcome], None]
"""Takes a verdict on a slice of a chunk, and what was known of its presence before."""


class Judging:
    """What is found of a signal."""

    def __init__(
        self, detector: Detector, method: Method, remembered: Remembered | None, *, lately: float
    ) -> None:
        """Begin with what is remembered.

        Args:
            detector: who judges.
            method: how.
            remembered: of earlier runs.
            lately: epoch seconds; what was over before them is not among the episodes.
        """
        self._detector, self._method = detector, method
        self._remembered, self._lately = remembered, lately
        self._presence = remembered.presence if remembered else Presence.unknown(1)
        self._silence = remembered.header.silence if remembered else Chronicle()
        self._ended: list[Episode] = []
        self._keys: list[tuple[Key, ...]] = []
        self._chronicles: list[tuple[Chronicle, Chronicle]] = []
        self.tested: Counter[float] = Counter()
        """Tick and the series that were judged at it."""
        self.scored = self.warming = self.series = 0
        """Of the newest tick: series judged, with too little history, not forgotten."""
        self.there: dict[Key, int] = {}
        """Series that have a value at the newest tick, and how many they have had so far."""

    @property
    def episodes(self) -> list[Episode]:
        """Incidents that go on, and those that were over lately."""
        both = zip(self._keys, self._chronicles, strict=True)
        going_on = [
            Episode(keys[row], incident)
            for keys, chronicles in both
            for chronicle in chronicles
            for row, incident in chronicle.open.items()
        ]
        silence = [Episode(WHOLE, incident) for incident in self._silence.open.values()]
        return [*self._ended, *silence, *going_on]

    @property
    def absent(self) -> int:
        """Series that are reported as absent."""
        return sum(len(absences.open) for _, absences in self._chronicles)

    @property
    def presence(self) -> Presence:
        """Whether the signal has any series; one row."""
        return self._presence

    def header(self, fingerprint: str, until: float, dropped: int) -> Header:
        """What there is to remember beside the chunks."""
        return Header(
            fingerprint=fingerprint,
            until=until,
            keys=tuple(self._keys),
            chronicles=tuple(self._chronicles),
            silence=self._silence,
            begun=self._remembered.header.begun if self._remembered else until,
            dropped=dropped,
        )

    def go_on(self) -> None:
        """Nothing was read: all is as it was."""
        if self._remembered:
            header = self._remembered.header
            self._keys, self._chronicles = list(header.keys), list(header.chronicles)
            self.series = sum(
                self._alive(presence, header.until) for presence in self._remembered.presences
            )

    def judge(self, readings: Readings, pass_on: PassOn, done: Callable[[Chunk], None]) -> None:
        """Judge what was read.

        Args:
            readings: at least one step.
            pass_on: takes every verdict.
            done: takes every chunk that is to be remembered, once it is judged.

        Raises:
            StateError: a chunk that is remembered is damaged.
        """
        newest = float(readings.timestamps[-1])
        self._listen(readings)
        for index in range(len(readings.chunks)):
            chunk = self._chunk(readings, index)
            for before, outcome in chunk.judge(readings.chunk(index), self._method):
                self._take(outcome, newest)
                pass_on(chunk, before, outcome)
            alive = self._alive(chunk.presence, newest)
            self.series += alive
            here = np.flatnonzero(chunk.presence.last == newest)
            self.there |= {chunk.keys[row]: int(chunk.presence.points[row]) for row in here}
            if alive:
                self._keys.append(chunk.keys)
                self._chronicles.append((chunk.incidents, chunk.absences))
                done(chunk)

    def _chunk(self, readings: Readings, index: int) -> Chunk:
        if self._remembered and index < len(self._remembered.header.keys):
            return self._remembered.chunk(index, self._detector.resume)
        keys = readings.chunks[index]
        return Chunk.new(keys, self._detector.stream(len(keys)))

    def _alive(self, presence: Presence, at: float) -> int:
        """How many of some series are not forgotten."""
        return int(np.count_nonzero(presence.alive(at, self._method.dead_after_seconds)))

    def _listen(self, readings: Readings) -> None:
        """Follow whether the signal has any series."""
        whole, signal = readings.all_series, self._method.preparation.signal
        steps = 0 if readings.are_few else signal.steps_to_absence
        self._presence, judged = self._presence.seen(
            whole.timestamps, whole.values, whole.heard, steps
        )
        rules = self._method.presence_rules
        quiet = self._quiet(readings, whole.timestamps)
        self._silence, over = follow(self._silence, judged, quiet, certain, rules)
        self._end([Episode(WHOLE, incident) for _, incident in over])

    def _quiet(self, readings: Readings, times: Times) -> Flags | None:
        """When masks cover all series, so that nobody is told that they are gone; (1, time)."""
        masks, name = self._method.masks, self._method.preparation.signal.name
        labels = [dict(key) for key in readings.keys] or [{}]
        covered = masked(masks, "suppress", name, labels, times)
        return None if covered is None else np.atleast_2d(covered.all(axis=0))

    def _take(self, outcome: Outcome, newest: float) -> None:
        times = outcome.judged.timestamps
        self._end(outcome.ended)
        counts = zip(times.tolist(), outcome.tested.tolist(), strict=True)
        self.tested.update({tick: count for tick, count in counts if tick >= self._lately})
        if times[-1] == newest:
            self.scored += outcome.scored
            self.warming += outcome.warming

    def _end(self, episodes: Iterable[Episode]) -> None:
        self._ended += [
            episode for episode in episodes if (episode.incident.until or 0.0) >= self._lately
        ]
