"""Reading a signal: block after block, until the newest tick or the first that cannot be had."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic

from anomaly.config.signals import WatchedSignal
from anomaly.errors import AnomalyError
from anomaly.pipeline.judge import Progress
from anomaly.prometheus.blocks import Block, Blocks, Companions, Source
from anomaly.prometheus.client import QueryCost
from anomaly.prometheus.readings import Readings
from anomaly.settings import Settings

ANCHORS = 14
"""The history begins at a multiple of this share of its length: of a day, for two weeks."""


def history_start(settings: Settings, newest: float) -> float:
    """Where the history of a tick begins: at least the lookback ago, and the same for many runs."""
    lookback, step = settings.lookback_seconds, settings.step_seconds
    share = max(lookback // ANCHORS // step, 1) * step
    return (newest - lookback) // share * share


def history(
    signal: WatchedSignal,
    settings: Settings,
    source: Source,
    companions: Companions,
    span: tuple[float, float],
    *,
    first_run: float | None = None,
) -> tuple[Readings, tuple[str, ...]]:
    """All that there is of a signal from a tick to another, and what makes it less than complete.

    Where the tick of a first run is given, series come as they would have come to runs.

    Raises:
        ServerError: it cannot be read.
    """
    blocks = Blocks(source, companions, signal, settings)
    runs = None if first_run is None else (first_run, settings.interval_minutes * 60.0)
    readings, warnings = Readings(runs=runs), dict[str, None]()
    for block in blocks.read(*span):
        readings.add(block)
        warnings |= dict.fromkeys(block.warnings)
    return readings, tuple(warnings)


class Stopwatch:
    """Adds up time by stage. While one stage goes on within another, the outer one stands still."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._since = monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time of the body goes to a stage."""
        outer = self._stage
        self._turn_to(name)
        try:
            yield
        finally:
            self._turn_to(outer)

    @property
    def seconds(self) -> Mapping[str, float]:
        """Of the stages so far."""
        return dict(self._seconds)

    def _turn_to(self, name: str | None) -> None:
        now = monotonic()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = name, now


@dataclass
class Fetch:
    """What becomes of reading the ticks from one to another."""

    blocks: Blocks
    readings: Readings
    begin: float
    newest: float
    settled: float
    """Epoch seconds up to which an answer that is not whole will not become so. A later one may by
    the next run, so reading ends before it ..."""

    lasting: bool
    """... unless answers have not been whole for so long: then this is how they are."""

    stopwatch: Stopwatch
    progress: Progress = "current"
    error: str | None = None
    incomplete_since: float = math.inf
    """Epoch seconds of the tick from which on answers are not whole, if this one is not."""

    incomplete: bool = False

    keeps: bool = False
    """Whether the blocks are needed once more, for the journal; all of a history would not fit into
    memory."""

    read: list[Block] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cost: QueryCost = field(default_factory=QueryCost)

    def run(self) -> None:
        """Read what can be had."""
        reading = self.blocks.read(self.begin, self.newest)
        try:
            while block := self._next(reading):
                if block.degraded and block.timestamps[-1] > self.settled:
                    self.incomplete = True
                    if not self.lasting:
                        self._take_settled(block)
                        return
                    block = replace(block, degraded=False, partial=True)
                self._take(block)
        except AnomalyError as failure:
            self.progress, self.error = "failed", str(failure)

    def _take_settled(self, block: Block) -> None:
        """Of a block that is not whole, the ticks that have waited for long enough."""
        first = float(block.timestamps[0])
        if first <= self.settled and (older := self._next(self.blocks.read(first, self.settled))):
            self._take(replace(older, degraded=False, partial=older.degraded))
            first = self.settled
        self.incomplete_since = min(self.incomplete_since, first)
        self.progress = "degraded"

    def _take(self, block: Block) -> None:
        self.progress = "degraded" if block.partial else "judged"
        if self.keeps:
            self.read.append(block)
        with self.stopwatch.stage("read"):
            self.readings.add(block)

    def _next(self, reading: Iterator[Block]) -> Block | None:
        with self.stopwatch.stage("read"):
            block = next(reading, None)
        if block:
            self.cost += block.cost
            self.warnings += block.warnings
        return block
