"""How a signal is judged and its incidents followed: the one way, whoever asks.

A run, a look at one metric, a backtest, a grade and an explanation all make a `Method` of the
settings and hand what was read to a `Judging`. Series are judged chunk after chunk, so that all of
a signal may be more than memory holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anomaly.config.alerting import Mask, masked
from anomaly.config.detector import at_threshold
from anomaly.config.signals import WatchedSignal
from anomaly.detector import THRESHOLD, Detector, Stream
from anomaly.detector.arrays import Matrix, Times
from anomaly.detector.season import Calendar
from anomaly.incidents.fdr import Tail
from anomaly.incidents.track import (
    NEVER,
    Chronicle,
    Flags,
    Incident,
    Judged,
    Probability,
    Rules,
    closed,
    follow,
)
from anomaly.pipeline.preparation import Preparation
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Block, Key
from anomaly.prometheus.readings import Reading, Readings
from anomaly.settings import Settings

SLICE_SAMPLES = 1 << 16
"""Samples that are judged at once; judging makes some forty arrays of that size."""

WHOLE: Key = ()
"""Stands for all series of a signal."""

Progress = Literal["judged", "current", "empty", "degraded", "failed"]
"""`judged` up to the newest tick; `current`: an earlier run had been so far; `empty`: the query
brings no series; `degraded`: answers are not complete, so the newest ticks wait for the next run;
`failed`: they cannot be had at all."""


@dataclass(frozen=True)
class Method:
    """How all chunks of a signal are judged."""

    preparation: Preparation
    detector: Detector
    masks: Sequence[Mask]
    rules: Rules
    dead_after_seconds: float

    @classmethod
    def of(
        cls, signal: WatchedSignal, settings: Settings, threshold: float | None = None
    ) -> "Method":
        """As the settings say; at another threshold where one is given."""
        preparation, alerting = Preparation.of(signal), settings.alerting
        config = preparation.config(settings.detector_of(signal))
        return cls(
            preparation,
            Detector(at_threshold(config, threshold)),
            settings.masks,
            alerting.rules(
                step_seconds=settings.step_seconds, remembered_seconds=settings.lookback_seconds
            ),
            alerting.dead_after_seconds,
        )

    @property
    def signal(self) -> WatchedSignal:
        """What is judged."""
        return self.preparation.signal

    def ahead(self, times: Times) -> Times:
        """Seconds that local clocks are ahead of UTC."""
        return Calendar(self.detector.config.zone).offsets(times)

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
class Findings:
    """What is known of a signal when it is decided what is told."""

    signal: WatchedSignal

    fresh: float
    """Epoch seconds of the tick after which ticks are new."""

    progress: Progress = "judged"

    until: float | None = None
    """Epoch seconds of the newest tick that was judged."""

    episodes: Sequence[Episode] = ()
    """Incidents that go on, and those that were over lately."""

    tested: Mapping[float, int] = field(default_factory=dict)
    """Tick and the series that were judged at it."""

    there: Mapping[Key, int] = field(default_factory=dict)
    """Series that have a value at the newest tick, and how many they have had so far."""

    incomplete_since: float | None = None
    """Epoch seconds of the tick from which on its answers are not whole; None where they are."""

    @property
    def complete(self) -> bool:
        """Whether it was judged up to the newest tick, so that what is not here is not so."""
        return self.progress in {"judged", "current", "empty"}


@dataclass(frozen=True)
class Outcome:
    """What a block of points brought for a chunk."""

    judged: Judged
    ended: tuple[Episode, ...]
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
        most, start = max(SLICE_SAMPLES // len(self.keys), 1), 0
        while start < len(reading.timestamps):
            before, end = self.presence, min(start + most, self._forgets(reading, start, method))
            yield before, self.feed(reading.part(slice(start, end)), method)
            start = end

    def _forgets(self, reading: Reading, start: int, method: Method) -> int:
        """Place behind the first point at which something open may be forgotten."""
        times = reading.timestamps[start:]
        rows = [*self.incidents.open, *self.absences.open]
        ends = self.presence.ends(method.dead_after_seconds)[rows]
        later = ends[ends >= times[0]].min(initial=NEVER)
        return start + int(np.searchsorted(times, later)) + 1

    def feed(self, reading: Reading, method: Method) -> Outcome:
        """Judge the points that follow."""
        times, signal = reading.timestamps, method.signal
        labels = [dict(key) for key in self.keys]
        quiet = masked(method.masks, "suppress", signal.name, labels, times)
        hidden = masked(method.masks, "exclude", signal.name, labels, times)
        seen = method.preparation.seen(reading.values, reading.traffic)
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
            times, reading.values, reading.heard, signal.absent_after_steps, method.ahead(times)
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
        """End what is open of series that were gone for too long, as of the moment at which so."""
        ends = self.presence.ends(dead_after_seconds)
        dead = ends <= at
        self.incidents, over = closed(self.incidents, dead, ends)
        self.absences, back = closed(self.absences, dead, ends)
        return over + back


def certain(_row: int, _place: int, _score: float) -> float:
    """Absences are not weighed against chance; they are told because they are there."""
    return NEVER


@dataclass(frozen=True)
class Header:
    """What is remembered of a signal beside the arrays of its chunks."""

    fingerprint: str
    """Of all that the arrays depend on."""

    until: float
    """Epoch seconds of the newest tick that was judged."""

    keys: tuple[tuple[Key, ...], ...]
    chronicles: tuple[tuple[Chronicle, Chronicle], ...]
    """Of values and of absences of each chunk."""

    silence: Chronicle
    """Of the signal as a whole: times at which it had no series."""

    begun: float
    """Epoch seconds of the newest tick when the history was last judged from its beginning."""

    dropped: int = 0
    """Series that were left out because there are more than are looked at."""

    version: int = 0


Resume = Callable[[Mapping[str, NDArray[Any]]], Stream]
"""A stream as it was, of its arrays."""


@dataclass
class Remembered:
    """What an earlier run has left of a signal."""

    header: Header

    presence: Presence
    """Of the signal as a whole; one row."""

    presences: Sequence[Presence]
    """Of the series of each chunk."""

    chunk: Callable[[int, Resume], Chunk]
    """A chunk as it was; a StateError where it is damaged."""

    since: Sequence[Block] = ()
    """What was read since."""

    @property
    def until(self) -> float:
        """Epoch seconds of the newest tick that was judged."""
        return float(self.since[-1].timestamps[-1]) if self.since else self.header.until


PassOn = Callable[[Chunk, Presence, Outcome], None]
"""Takes a verdict on a slice of a chunk, and what was known of its presence before."""


class Judging:
    """What is found of a signal."""

    def __init__(
        self, method: Method, remembered: Remembered | None = None, *, lately: float = -NEVER
    ) -> None:
        """Begin with what is remembered.

        Args:
            method: how it is judged.
            remembered: of earlier runs.
            lately: epoch seconds; what was over before them is not among the episodes.
        """
        self._method, self._remembered, self._lately = method, remembered, lately
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

    def judge(
        self,
        readings: Readings,
        pass_on: PassOn = lambda *_: None,
        done: Callable[[Chunk], None] = lambda _: None,
    ) -> None:
        """Judge what was read.

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
            return self._remembered.chunk(index, self._method.detector.resume)
        keys = readings.chunks[index]
        return Chunk.new(keys, self._method.detector.stream(len(keys)))

    def _alive(self, presence: Presence, at: float) -> int:
        """How many of some series are not forgotten."""
        return int(np.count_nonzero(presence.alive(at, self._method.dead_after_seconds)))

    def _listen(self, readings: Readings) -> None:
        """Follow whether the signal has any series."""
        whole, signal = readings.all_series, self._method.signal
        steps = 0 if readings.are_few else signal.absent_after_steps
        self._presence, judged = self._presence.seen(
            whole.timestamps,
            whole.values,
            whole.heard,
            steps,
            self._method.ahead(whole.timestamps),
        )
        rules = self._method.presence_rules
        quiet = self._quiet(readings, whole.timestamps)
        self._silence, over = follow(self._silence, judged, quiet, certain, rules)
        self._end([Episode(WHOLE, incident) for _, incident in over])

    def _quiet(self, readings: Readings, times: Times) -> Flags:
        """When masks cover all series, so that nobody is told that they are gone; (1, time)."""
        masks, name = self._method.masks, self._method.signal.name
        labels = [dict(key) for key in readings.keys] or [{}]
        covered = masked(masks, "suppress", name, labels, times)
        return np.atleast_2d(covered.all(axis=0))

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
