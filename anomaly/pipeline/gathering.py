"""Reading a signal: block after block, until the newest tick or the first that cannot be had."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from anomaly.errors import AnomalyError
from anomaly.prometheus.blocks import Block, Blocks
from anomaly.prometheus.matrix import QueryCost
from anomaly.prometheus.readings import Readings
from anomaly.run.report import Outcome
from anomaly.run.surroundings import Stopwatch


@dataclass
class Gathering:
    """What becomes of reading."""

    blocks: Blocks
    """Where it comes from."""

    readings: Readings
    """Where it goes to."""

    begin: float
    """Epoch seconds of the first tick that is wanted."""

    newest: float
    """Epoch seconds of the last."""

    settled: float
    """Epoch seconds up to which an answer that is not whole will not become so. A later one may by
    the next run, so reading ends before it ..."""

    lasting: bool
    """... unless answers have not been whole for so long: then this is how they are."""

    stopwatch: Stopwatch
    outcome: Outcome = "current"
    error: str | None = None
    incomplete_since: float = math.inf
    """Epoch seconds of the tick from which on answers are not whole, if this one is not."""

    incomplete: bool = False

    read: list[Block] = field(default_factory=list)
    """What was read."""

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
            self.outcome, self.error = "failed", str(failure)

    def _take_settled(self, block: Block) -> None:
        """Of a block that is not whole, the ticks that have waited for long enough."""
        first = float(block.timestamps[0])
        if first <= self.settled and (older := self._next(self.blocks.read(first, self.settled))):
            self._take(replace(older, degraded=False, partial=older.degraded))
            first = self.settled
        self.incomplete_since = min(self.incomplete_since, first)
        self.outcome = "degraded"

    def _take(self, block: Block) -> None:
        self.outcome = "degraded" if block.partial else "judged"
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
