"""One signal in one run: read what is new of it, judge it, and say what came of it.

What was remembered is gone on with. Without that, or with something that cannot be used, the whole
history is judged anew; it begins at a moment that stays the same for a while, so that runs that
remember nothing come to the same incidents, at the same times.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np

from anomaly.config.signals import WatchedSignal
from anomaly.errors import StateError
from anomaly.incidents.ledger import Ledger
from anomaly.incidents.track import Flags, Judged
from anomaly.pipeline.fetch import Fetch, Stopwatch, history_start
from anomaly.pipeline.judge import (
    Chunk,
    Findings,
    Judging,
    Method,
    Outcome,
    Remembered,
)
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Blocks, Companions, Key, Source
from anomaly.prometheus.readings import CHUNK_SERIES, Readings
from anomaly.run.report import SignalReport
from anomaly.settings import Settings
from anomaly.state import Store
from anomaly.state.files import fingerprint

DAY = 24 * 3600.0
"""Incidents that were over for longer take no part in anything but the count of earlier ones."""

SPARE_INTERVALS = 2
"""A state that is ahead by less is of a run that was started twice, not of a wrong clock."""

Record = Callable[[WatchedSignal, Chunk, Judged, Flags, float], None]
"""Keeps what was said of series at the steps after a moment until it is written, given which of
them were there before."""


@dataclass(frozen=True)
class Surroundings:
    """What all signals of a run have in common."""

    settings: Settings
    source: Source
    store: Store
    record: Record
    stopwatch: Stopwatch
    newest: float
    """Epoch seconds of the newest tick."""

    ledger: Ledger
    """What earlier runs knew."""

    written: Mapping[str, float]
    """Signal and the newest tick of which scores were written, where nothing else is remembered."""

    @cached_property
    def companions(self) -> Companions:
        """Where traffic is read."""
        return Companions(self.source)

    @property
    def step(self) -> int:
        """Seconds from one tick to the next."""
        return self.settings.step_seconds

    @property
    def interval(self) -> float:
        """Seconds from one run to the next."""
        return self.settings.interval_minutes * 60.0

    def fresh(self, signal: str, remembered: float | None = None) -> float:
        """The tick after which ticks are new."""
        if remembered is not None:
            return remembered
        last_run = self.newest - self.interval
        return self.ledger.until.get(signal, self.written.get(signal, last_run))


SPARE_CHUNKS = 16
"""Chunks beyond those that the series need, from which on it is time to begin anew, once a day at
most: whenever a run finds new series, it makes a chunk for them."""

MOST_STEPS = 72
"""Steps that are judged once more in every run, rather than to write the state of all series: six
hours of five minutes."""

PATIENCE_INTERVALS = 3
"""Ticks whose answer is not complete are asked for again for so many intervals; if it is not even
then, what is there is judged, and nothing is said to be absent."""


@dataclass(frozen=True)
class Watched:
    """What came of a signal."""

    findings: Findings
    report: SignalReport

    warnings: Sequence[str] = ()

    unsaved: str | None = None
    """Why it could not be remembered."""


def watch(signal: WatchedSignal, around: Surroundings) -> Watched:
    """Read, judge and remember one signal."""
    return _Watch(signal, around).run()


class _Watch:
    def __init__(self, signal: WatchedSignal, around: Surroundings) -> None:
        self._signal, self._around = signal, around
        self._method = Method.of(signal, around.settings)
        self._fingerprint = fingerprint(
            signal.model_dump(mode="json"),
            self._method.detector.config.model_dump(mode="json"),
            around.step,
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
        if remembered.until > around.newest + SPARE_INTERVALS * around.interval:
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
        around, signal = self._around, self._signal
        until = remembered.until if remembered else None
        fresh, ticks, unsaved = around.fresh(signal.name, until), 0, None
        judging = Judging(self._method, remembered, lately=around.newest - DAY)
        with Readings(remembered.header.keys if remembered else ()) as readings:
            for block in remembered.since if remembered else ():
                readings.add(block)
            fetch = self._fetch(remembered, readings)
            fetch.run()
            if readings.steps:
                until = float(readings.timestamps[-1])
                unsaved = self._judge(readings, judging, fresh, fetch, remembered)
                ticks = int(np.count_nonzero(readings.timestamps > fresh))
            else:
                judging.go_on()
        report = _report(signal, fetch, judging, ticks=ticks, until=until, rebuilt=rebuilt)
        findings = Findings(
            signal,
            fresh,
            report.outcome,
            until,
            judging.episodes,
            judging.tested,
            judging.there,
            fetch.incomplete_since if fetch.incomplete else None,
        )
        return Watched(findings, report, fetch.warnings, unsaved)

    def _fetch(self, remembered: Remembered | None, readings: Readings) -> Fetch:
        around, settings = self._around, self._around.settings
        known = self._known(remembered, readings) if remembered else ()
        blocks = Blocks(around.source, around.companions, self._signal, settings, known)
        begin = (
            remembered.until + around.step if remembered else history_start(settings, around.newest)
        )
        settled = around.newest - PATIENCE_INTERVALS * around.interval
        since = around.ledger.incomplete.get(self._signal.name, math.inf)
        return Fetch(
            blocks,
            readings,
            begin,
            around.newest,
            settled,
            lasting=since <= settled,
            stopwatch=around.stopwatch,
            incomplete_since=since,
            keeps=remembered is not None,
        )

    def _known(self, remembered: Remembered, readings: Readings) -> set[Key]:
        """Series that were looked at and are not forgotten, and those that came since."""
        old = {key for keys in remembered.header.keys for key in keys}
        return {*self._alive(remembered), *(set(readings.keys) - old)}

    def _judge(
        self,
        readings: Readings,
        judging: Judging,
        fresh: float,
        fetch: Fetch,
        remembered: Remembered | None,
    ) -> str | None:
        """Judge what was read, pass on what is new, remember it; or say why that cannot be.

        A history that is not whole is not remembered while it may still become so: nobody would
        read it again.
        """
        around, stopwatch = self._around, self._around.stopwatch
        premature = remembered is None and fetch.incomplete and not fetch.lasting
        anew = not premature and (remembered is None or readings.steps >= MOST_STEPS)

        def pass_on(chunk: Chunk, before: Presence, outcome: Outcome) -> None:
            if outcome.judged.timestamps[-1] > fresh:
                with stopwatch.stage("score"):
                    there = before.last == outcome.judged.timestamps[0] - around.step
                    around.record(self._signal, chunk, outcome.judged, there, fresh)

        def remember(chunk: Chunk) -> None:
            if anew:
                with stopwatch.stage("remember"):
                    draft.add(chunk)

        with around.store.writing(self._signal.name) as draft:
            with stopwatch.stage("score"):
                judging.judge(readings, pass_on, remember)
            if anew and judging.series:
                header = judging.header(
                    self._fingerprint, float(readings.timestamps[-1]), fetch.blocks.dropped
                )
                with stopwatch.stage("remember"):
                    draft.finish(header, judging.presence)
            elif remembered:
                draft.append(fetch.read)
            return draft.error


def _report(
    signal: WatchedSignal,
    fetch: Fetch,
    judging: Judging,
    *,
    ticks: int,
    until: float | None,
    rebuilt: str | None,
) -> SignalReport:
    progress = fetch.progress
    if progress in {"judged", "current"} and not judging.series:
        progress = "empty"
    return SignalReport(
        name=signal.name,
        outcome=progress,
        series=judging.series,
        scored=judging.scored,
        warming=judging.warming,
        absent=judging.absent,
        dropped=fetch.blocks.dropped,
        ticks=ticks,
        until=until,
        samples=fetch.cost.samples,
        queryable_samples=fetch.cost.queryable_samples,
        requests=fetch.cost.requests,
        rebuilt=rebuilt,
        error=fetch.error,
    )
