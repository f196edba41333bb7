"""Writing what was judged back as series, while the run goes on: a chunk at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np

from anomaly.detector import Replay
from anomaly.errors import AnomalyError
from anomaly.preparation import Judged
from anomaly.presence import Presence
from anomaly.reading.matrix import SeriesMatrix
from anomaly.results.block import Block
from anomaly.results.remote_write import Written
from anomaly.results.series import result_series
from anomaly.results.settings import OUTPUTS
from anomaly.settings import Settings
from anomaly.signals import WatchedSignal
from anomaly.windows import Matrix


class Writer(Protocol):
    """Where series are written."""

    def send(self, blocks: Iterable[Block]) -> Written:
        """Write series."""


class Recorder:
    """Writes for one run. After a failure it writes no more: the next run does it all again."""

    def __init__(self, writer: Writer | None, settings: Settings) -> None:
        self._writer, self._settings = writer, settings
        remote = settings.results.remote_write
        self._outputs = remote.outputs if remote else OUTPUTS
        self.samples = 0
        """Samples that were written."""
        self.error: str | None = None
        """Why no more are."""

    def record(
        self,
        signal: WatchedSignal,
        labels: Sequence[Mapping[str, str]],
        judged: Judged,
        after: float,
    ) -> bool:
        """Write what was said of series at the steps after a moment; says whether it could."""
        # A series that is gone takes its band with it.
        nothing = np.isnan(judged.score)
        edges = (judged.expected, judged.lower, judged.upper)
        expected, lower, upper = (np.where(nothing, np.nan, edge) for edge in edges)
        replay = Replay(judged.score, judged.alerting, expected, lower, upper, judged.views)
        blocks = result_series(
            signal.name,
            self._settings.detector_of(signal).method,
            SeriesMatrix(judged.timestamps, judged.values, tuple(labels)),
            replay,
            after=after,
            outputs=self._outputs,
        )
        return self.write(blocks)

    def write(self, blocks: Iterable[Block]) -> bool:
        """Write series; says whether it could."""
        if self._writer is None:
            return True
        if self.error is None:
            try:
                self.samples += self._writer.send(blocks).samples
            except AnomalyError as error:
                self.error = str(error)
        return self.error is None


def with_step_before(judged: Judged, before: Presence, step: float) -> Judged:
    """The verdict with one step more in front, at which a series is or is not as it was then.

    Where a series ends shows only beside the step before it.
    """
    moment = judged.timestamps[0] - step
    there = before.last == moment
    value, score = np.where(there, before.value, np.nan), np.where(there, 0.0, np.nan)

    def led(first: Matrix, matrix: Matrix) -> Matrix:
        return np.concatenate([first[:, None], matrix], axis=1)

    no = np.zeros((len(there), 1), dtype=np.bool_)
    return Judged(
        timestamps=np.concatenate([[moment], judged.timestamps]),
        values=led(value, judged.values),
        score=led(score, judged.score),
        alerting=np.concatenate([no, judged.alerting], axis=1),
        matters=np.concatenate([no, judged.matters], axis=1),
        expected=led(value, judged.expected),
        lower=led(value, judged.lower),
        upper=led(value, judged.upper),
        views={name: led(score, view) for name, view in judged.views.items()},
    )
