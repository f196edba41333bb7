"""Reading a signal: block after block, until the newest tick or the first that cannot be had."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from anomaly.blocks import Block, Blocks
from anomaly.errors import PrometheusError
from anomaly.reading.matrix import QueryCost
from anomaly.readings import Readings
from anomaly.run_report import Outcome
from anomaly.stopwatch import Stopwatch


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
    the next run, so reading ends before it."""

    stopwatch: Stopwatch
    outcome: Outcome = "current"
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    cost: QueryCost = field(default_factory=QueryCost)

    def run(self) -> None:
        """Read what can be had."""
        reading = self.blocks.read(self.begin, self.newest)
        try:
            while block := self._next(reading):
                self.outcome = "judged"
                self.cost += block.cost
                self.warnings += block.warnings
                if block.degraded and block.timestamps[-1] > self.settled:
                    self.outcome = "degraded"
                    return
                with self.stopwatch.stage("read"):
                    self.readings.add(block)
        except PrometheusError as failure:
            self.outcome, self.error = "failed", str(failure)

    def _next(self, reading: Iterator[Block]) -> Block | None:
        with self.stopwatch.stage("read"):
            return next(reading, None)
