"""One signal in one run: read what is new of it, judge it, and say what came of it.

What was remembered is gone on with. Without that, or with something that cannot be used, the whole
history is judged anew; it begins at a moment that stays the same for a while, so that runs that
remember nothing come to the same incidents, at the same times.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from anomaly.config.signals import WatchedSignal
from anomaly.detector import Detector
from anomaly.errors import StateError
from anomaly.pipeline.chunks import Chunk, Episode, Method, Outcome
from anomaly.pipeline.gathering import Gathering
from anomaly.pipeline.judging import Judging
from anomaly.pipeline.preparation import Preparation
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Blocks, Key
from anomaly.prometheus.readings import CHUNK_SERIES, Readings
from anomaly.run.report import SignalReport
from anomaly.run.surroundings import DAY, Surroundings
from anomaly.state.outbox import with_step_before
from anomaly.state.signal_file import Remembered, fingerprint

SPARE_CHUNKS = 16
"""Chunks beyond those that the series need, from which on it is time to begin anew, once a day at
most: whenever a run finds new series, it makes a chunk for them."""

MOST_STEPS = 72
"""Steps that are judged once more in every run, rather than to write the state of all series: six
hours of five minutes."""

PATIENCE_INTERVALS = 3
"""Ticks whose answer is not complete are asked for again for so many intervals; if it is not even
then, what is there is judged, and nothing is said to be absent."""


@dataclass
class Watched:
    """What came of a signal."""

    signal: WatchedSignal

    fresh: float
    """Epoch seconds of the tick after which ticks are new."""

    report: SignalReport = field(init=False)
    episodes: list[Episode] = field(default_factory=list)
    """Incidents that go on, and those that were over lately."""

    tested: Counter[float] = field(default_factory=Counter)
    """Tick and the series that were judged at it."""

    warnings: list[str] = field(default_factory=list)

    incomplete_since: float | None = None
    """Epoch seconds of the tick from which on its answers are not whole; None where they are."""

    there: Mapping[Key, int] = field(default_factory=dict)
    """Series that have a value at the newest tick, and how many they have had so far."""

    ticks: int = 0
    """Steps that were judged for the first time."""

    unsaved: str | None = None
    """Why it could not be remembered."""

    @property
    def complete(self) -> bool:
        """Whether it was judged up to the newest tick, so that what is not here is not so."""
        return self.report.outcome in {"judged", "current", "empty"}


def watch(signal: WatchedSignal, around: Surroundings) -> Watched:
    """Read, judge and remember one signal."""
    return _Watch(signal, around).run()


class _Watch:
    def __init__(self, signal: WatchedSignal, around: Surroundings) -> None:
        self._signal, self._around = signal, around
        settings, alerting = around.settings, around.settings.alerting
        preparation = Preparation.of(signal)
        config = preparation.config(settings.detector_of(signal))
        self._detector = Detector(config)
        self._method = Method(
            preparation,
            settings.masks,
            alerting.rules(step_seconds=around.step, remembered_seconds=settings.lookback_seconds),
            alerting.dead_after_seconds,
        )
        self._fingerprint = fingerprint(
            signal.model_dump(mode="json"), config.model_dump(mode="json"), around.step
        )

    def run(self) -> Watched:
        store = self._around.store
        try:
            with store.reading(self._signal.name, self._fingerprint) as remembered:
                unusable = self._unusable(remembered) if remembered else None
                return self._attempt(None if unusable else remembered, unusable)
        except StateError as error:
            return self._attempt(None, str(error))

    def _unusable(self, remembered: Remembered) -> str | None:
        """Why the history must be judged anew, if it must."""
        around, header = self._around, remembered.header
        if remembered.until < around.newest - around.settings.lookback_seconds:
            return "what was remembered is older than the history that is read"
        if remembered.until > around.foreseeable:
            return "what was remembered is of a time that has not come yet"
        series = sum(map(len, header.keys))
        spare = len(header.keys) - ceil(series / CHUNK_SERIES)
        worn = spare > SPARE_CHUNKS or series > 2 * len(self._alive(remembered))
        if worn and header.until - header.begun >= DAY:
            return "many series have come and gone"
        if header.dropped and remembered.until - header.begun >= DAY:
            return "some series are left out, and those with the most traffic may be others by now"
        return None

    def _alive(self, remembered: Remembered) -> list[Key]:
        """Series that are not forgotten."""
        header, dead_after = remembered.header, self._method.dead_after_seconds
        return [
            key
            for keys, presence in zip(header.keys, remembered.presences, strict=True)
            for key, alive in zip(keys, presence.alive(header.until, dead_after), strict=True)
            if alive
        ]

    def _attempt(self, remembered: Remembered | None, rebuilt: str | None) -> Watched:
        around, name = self._around, self._signal.name
        until = remembered.until if remembered else None
        watched = Watched(self._signal, around.fresh(name, until))
        judging = Judging(self._detector, self._method, remembered, lately=around.newest - DAY)
        with Readings(remembered.header.keys if remembered else ()) as readings:
            for block in remembered.since if remembered else ():
                readings.add(block)
            gathering = self._gathering(remembered, readings)
            gathering.run()
            if readings.steps:
                until = float(readings.timestamps[-1])
                self._judge(readings, judging, watched, gathering, remembered)
                watched.ticks = int(np.count_nonzero(readings.timestamps > watched.fresh))
            else:
                judging.go_on()
        watched.episodes, watched.tested = judging.episodes, judging.tested
        watched.there = judging.there
        watched.warnings = gathering.warnings
        if gathering.incomplete:
            watched.incomplete_since = gathering.incomplete_since
        watched.report = _report(watched, gathering, judging, until, rebuilt)
        return watched

    def _gathering(self, remembered: Remembered | None, readings: Readings) -> Gathering:
        around, settings = self._around, self._around.settings
        blocks = Blocks(
            around.source,
            around.companions,
            self._signal,
            step=around.step,
            shard=settings.shard,
            most_series=settings.max_series,
            known=self._known(remembered, readings) if remembered else (),
        )
        begin = remembered.until + around.step if remembered else around.history_start
        settled = around.newest - PATIENCE_INTERVALS * settings.interval_minutes * 60
        since = around.incomplete.get(self._signal.name, math.inf)
        lasting = since <= settled
        return Gathering(
            blocks,
            readings,
            begin,
            around.newest,
            settled,
            lasting,
            around.stopwatch,
            incomplete_since=since,
        )

    def _known(self, remembered: Remembered, readings: Readings) -> set[Key]:
        """Series that were looked at and are not forgotten, and those that came since."""
        old = {key for keys in remembered.header.keys for key in keys}
        return {*self._alive(remembered), *(set(readings.keys) - old)}

    def _judge(
        self,
        readings: Readings,
        judging: Judging,
        watched: Watched,
        gathering: Gathering,
        remembered: Remembered | None,
    ) -> None:
        """Judge what was read, pass on what is new, remember it.

        A history that is not whole is not remembered while it may still become so: nobody would
        read it again.
        """
        around, stopwatch = self._around, self._around.stopwatch
        premature = remembered is None and gathering.incomplete and not gathering.lasting
        anew = not premature and (remembered is None or readings.steps >= MOST_STEPS)

        def pass_on(chunk: Chunk, before: Presence, outcome: Outcome) -> None:
            if outcome.judged.timestamps[-1] > watched.fresh:
                with stopwatch.stage("score"):
                    labels = [dict(key) for key in chunk.keys]
                    shown = with_step_before(outcome.judged, before, around.step)
                    around.record(self._signal, labels, shown, watched.fresh)

        def remember(chunk: Chunk) -> None:
            if anew:
                with stopwatch.stage("remember"):
                    draft.add(chunk)

        with around.store.writing(self._signal.name) as draft:
            with stopwatch.stage("score"):
                judging.judge(readings, pass_on, remember)
            if anew and judging.series:
                header = judging.header(
                    self._fingerprint, float(readings.timestamps[-1]), gathering.blocks.dropped
                )
                with stopwatch.stage("remember"):
                    draft.finish(header, judging.presence)
            elif remembered:
                draft.append(gathering.read)
            watched.unsaved = draft.error


def _report(
    watched: Watched,
    gathering: Gathering,
    judging: Judging,
    until: float | None,
    rebuilt: str | None,
) -> SignalReport:
    outcome = gathering.outcome
    if outcome in {"judged", "current"} and not judging.series:
        outcome = "empty"
    return SignalReport(
        name=watched.signal.name,
        outcome=outcome,
        series=judging.series,
        scored=judging.scored,
        warming=judging.warming,
        absent=judging.absent,
        dropped=gathering.blocks.dropped,
        ticks=watched.ticks,
        until=until,
        samples=gathering.cost.samples,
        queryable_samples=gathering.cost.queryable_samples,
        requests=gathering.cost.requests,
        rebuilt=rebuilt,
        error=gathering.error,
    )
