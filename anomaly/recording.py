"""What is said of series, on its way to the outbox. Pure but for that."""

from collections.abc import Mapping, Sequence

import numpy as np

from anomaly.detector import Replay
from anomaly.outbox import Outbox
from anomaly.preparation import Judged
from anomaly.presence import Presence
from anomaly.reading.matrix import SeriesMatrix
from anomaly.results.series import result_series
from anomaly.results.settings import OUTPUTS
from anomaly.settings import Settings
from anomaly.signals import WatchedSignal
from anomaly.windows import Matrix


class Recorder:
    """Puts the scores of one run into the outbox."""

    def __init__(self, settings: Settings, outbox: Outbox, tick: float) -> None:
        self._settings, self._outbox, self._tick = settings, outbox, tick
        remote = settings.results.remote_write
        self._outputs = remote.outputs if remote else OUTPUTS

    def record(
        self,
        signal: WatchedSignal,
        labels: Sequence[Mapping[str, str]],
        judged: Judged,
        after: float,
    ) -> None:
        """Keep what was said of series at the steps after a moment."""
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
        self._outbox.add(blocks, self._tick)


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
