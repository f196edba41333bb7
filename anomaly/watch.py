"""One signal in one run: read what is new of it, judge it, and say what came of it.

What was remembered is gone on with. Without that, or with something that cannot be used, the whole
history is judged anew; it begins at a moment that stays the same for a while, so that runs that
remember nothing come to the same incidents, at the same times.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from anomaly.alerting.incidents import Rules
from anomaly.blocks import Block, Blocks, Companions, Source
from anomaly.chunks import Chunk, Episode, Method
from anomaly.detector import Detector
from anomaly.errors import PrometheusError, StateError
from anomaly.preparation import Judged, Preparation
from anomaly.presence import Presence
from anomaly.reading.matrix import QueryCost
from anomaly.recording import with_step_before
from anomaly.roster import Roster
from anomaly.run_report import Outcome as RunOutcome
from anomaly.run_report import SignalReport
from anomaly.settings import Settings
from anomaly.signals import WatchedSignal
from anomaly.state import Remembered, Store, fingerprint
from anomaly.stopwatch import Stopwatch

ANCHORS = 14
"""The history begins at a multiple of this share of its length: of a day, for two weeks."""

PATIENCE_INTERVALS = 3
"""Ticks whose answer is not complete are asked for again for so many intervals."""

DAY = 24 * 3600.0
"""Incidents that were over for longer take no part in anything but the count of earlier ones."""

Record = Callable[[WatchedSignal, Sequence[Mapping[str, str]], Judged, float], bool]
"""Writes what was said of series at the steps after a moment; says whether it could."""


@dataclass(frozen=True)
class Surroundings:
    """What all signals of a run have in common."""

    settings: Settings
    source: Source
    companions: Companions
    store: Store
    record: Record
    stopwatch: Stopwatch

    newest: float
    """Epoch seconds of the newest tick."""

    until: Mapping[str, float]
    """Signal and the newest tick that an earlier run has judged, as far as that is known."""

    last_run: float
    """The same of signals of which it is not."""

    @property
    def step(self) -> int:
        """Seconds from one tick to the next."""
        return self.settings.step_seconds

    def fresh(self, signal: str, remembered: float | None) -> float:
        """The tick after which ticks are new."""
        return self.until.get(signal, self.last_run) if remembered is None else remembered


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

    recorded: bool = True
    """Whether all that is new was written."""

    unsaved: str | None = None
    """Why it could not be remembered."""

    @property
    def complete(self) -> bool:
        """Whether it was judged up to the newest tick, so that what is not here is not so."""
        return self.report.outcome in {"judged", "current", "empty"}


def watch(signal: WatchedSignal, around: Surroundings) -> Watched:
    """Read, judge and remember one signal."""
    return _Watch(signal, around).run()


def history_start(newest: float, lookback_seconds: int, step: int) -> float:
    """Where the history begins: at least so far back, and the same for many runs."""
    share = max(lookback_seconds // ANCHORS // step, 1) * step
    return (newest - lookback_seconds) // share * share


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
            Rules(alerting.prominent_score, alerting.persistent_points, settings.lookback_seconds),
            alerting.dead_after_seconds,
        )
        self._fingerprint = fingerprint(
            signal.model_dump(mode="json"), config.model_dump(mode="json"), around.step
        )
        self._rebuilt: str | None = None
        remembered = self._remembered()
        self._until = remembered.until if remembered else None
        self._roster = Roster(self._detector, remembered)
        self._watched = Watched(signal, around.fresh(signal.name, self._until))
        self._cost, self._ticks, self._newest = QueryCost(), 0, Counter[str]()

    def run(self) -> Watched:
        newest = self._around.newest
        begin = self._begin()
        blocks = Blocks(
            self._around.source,
            self._around.companions,
            self._signal,
            step=self._around.step,
            shard=self._around.settings.shard,
            most_series=self._around.settings.max_series,
            known=self._roster.alive(begin, self._method.dead_after_seconds),
        )
        error = None
        ended: RunOutcome = "judged" if begin <= newest else "current"
        try:
            whole = self._read(blocks, begin)
        except PrometheusError as failure:
            ended, error = "failed", str(failure)
        else:
            ended = ended if whole else "degraded"
        self._save()
        self._watched.episodes += self._roster.open
        self._watched.report = self._report(ended, blocks.dropped, error)
        return self._watched

    def _remembered(self) -> Remembered | None:
        """What can be gone on with."""
        around, dead_after = self._around, self._method.dead_after_seconds
        try:
            remembered = around.store.load(
                self._signal.name, self._fingerprint, self._detector.resume
            )
        except StateError as error:
            self._rebuilt = str(error)
            return None
        if remembered is None:
            return None
        if remembered.until < around.newest - around.settings.lookback_seconds:
            self._rebuilt = "what was remembered is older than the history that is read"
            return None
        if Roster(self._detector, remembered).is_worn(remembered.until, dead_after):
            self._rebuilt = "many series have come and gone"
            return None
        return remembered

    def _begin(self) -> float:
        """The first tick that is to be judged."""
        around = self._around
        if self._until is not None:
            return self._until + around.step
        return history_start(around.newest, around.settings.lookback_seconds, around.step)

    def _read(self, blocks: Blocks, begin: float) -> bool:
        """Judge block after block; False when one was not whole that may be so by the next run."""
        reading = blocks.read(begin, self._around.newest)
        while block := self._next(reading):
            self._cost += block.cost
            self._watched.warnings += block.warnings
            if block.degraded and self._may_become_whole(block):
                return False
            with self._around.stopwatch.stage("score"):
                self._judge(block)
            self._until = float(block.timestamps[-1])
        return True

    def _next(self, reading: Iterator[Block]) -> Block | None:
        with self._around.stopwatch.stage("read"):
            return next(reading, None)

    def _may_become_whole(self, block: Block) -> bool:
        patience = PATIENCE_INTERVALS * self._around.settings.interval_minutes * 60
        return float(block.timestamps[-1]) > self._around.newest - patience

    def _judge(self, block: Block) -> None:
        watched, lately = self._watched, self._around.newest - DAY
        ended = self._roster.listen(block, self._method)
        self._newest.clear()
        for chunk, before, outcome in self._roster.judge(block, self._method):
            ended += outcome.ended
            times = outcome.judged.timestamps
            if times[-1] == block.timestamps[-1]:
                self._newest += Counter(scored=outcome.scored, warming=outcome.warming)
            counts = zip(times.tolist(), outcome.tested.tolist(), strict=True)
            watched.tested.update({tick: count for tick, count in counts if tick >= lately})
            self._record(chunk, before, outcome.judged)
        self._ticks += int(np.count_nonzero(block.timestamps > watched.fresh))
        watched.episodes += [each for each in ended if (each.incident.until or 0.0) >= lately]

    def _record(self, chunk: Chunk, before: Presence, judged: Judged) -> None:
        """Pass on what was said of steps that are new."""
        watched = self._watched
        if judged.timestamps[-1] > watched.fresh and watched.recorded:
            with self._around.stopwatch.stage("write"):
                shown = with_step_before(judged, before, self._around.step)
                watched.recorded = self._around.record(
                    self._signal, [dict(key) for key in chunk.keys], shown, watched.fresh
                )

    def _save(self) -> None:
        """Remember it; not, for a day at most, if the next run is to write what could not be."""
        watched = self._watched
        late = self._around.newest - watched.fresh > DAY
        if self._until is None or not (watched.recorded or late):
            return
        with self._around.stopwatch.stage("remember"):
            try:
                self._around.store.save(
                    self._signal.name, self._fingerprint, self._roster.remembered(self._until)
                )
            except StateError as error:
                watched.unsaved = str(error)

    def _report(self, ended: RunOutcome, dropped: int, error: str | None) -> SignalReport:
        until, dead_after = self._until, self._method.dead_after_seconds
        series = len(self._roster.alive(until, dead_after)) if until is not None else 0
        if ended in {"judged", "current"} and not series:
            ended = "empty"
        return SignalReport(
            name=self._signal.name,
            outcome=ended,
            series=series,
            scored=self._newest["scored"],
            warming=self._newest["warming"],
            absent=sum(len(chunk.absences.open) for chunk in self._roster.chunks),
            dropped=dropped,
            ticks=self._ticks,
            until=until,
            samples=self._cost.samples,
            queryable_samples=self._cost.queryable_samples,
            requests=self._cost.requests,
            rebuilt=self._rebuilt,
            error=error,
        )
