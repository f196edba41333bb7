"""From what the detector said to what is written: blocks of one metric on the same steps. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.config.receivers import OUTPUTS, Output
from anomaly.detector import THRESHOLD, Replay
from anomaly.detector.arrays import Matrix
from anomaly.prometheus.client import SeriesMatrix

STALE_BITS = np.uint64(0x7FF0000000000002)
STALE: np.float64 = np.array([STALE_BITS]).view(np.float64)[0]
"""Prometheus' marker for the end of a series. It is a NaN like any other to arithmetic; only its
bits tell."""


@dataclass(frozen=True)
class MetricBlock:
    """One metric of many series."""

    metric: str
    """Name of the metric."""

    labels: tuple[Mapping[str, str], ...]
    """Labels of each series, the name not among them."""

    timestamps: NDArray[np.float64]
    """(time,): epoch seconds, increasing."""

    values: Matrix
    """(series, time); nothing is written where there is NaN, but for the marker `STALE`."""

    def written(self) -> NDArray[np.bool_]:
        """Which values are written."""
        markers = np.ascontiguousarray(self.values).view(np.uint64) == STALE_BITS
        written: NDArray[np.bool_] = markers | ~np.isnan(self.values)
        return written


SIGNAL_LABEL = "for"
"""The label that names the signal; as in VictoriaMetrics' detector, so that its rules work here."""

METHOD_LABEL = "method"


def result_series(
    signal: str,
    method: str,
    matrix: SeriesMatrix,
    replay: Replay,
    *,
    after: float,
    outputs: Collection[Output] = OUTPUTS,
) -> tuple[MetricBlock, ...]:
    """What is to be written of newly judged steps: one sample for each of them.

    Where a series ends, its results end with it, by a marker at the first step without a value. For
    that at the first new step, the matrix has to hold the step before it too.

    Args:
        signal: name of the signal.
        method: name of the method that judged.
        matrix: the series.
        replay: what was said of them.
        after: epoch seconds of the last step that was written before.
        outputs: which series are wanted.
    """
    new = int(np.searchsorted(matrix.timestamps, after, side="right"))
    values = _values(replay)
    blocks = []
    for output, labels in _labels(signal, method, matrix.labels, outputs).items():
        marked = _with_ends(values[output][:, max(0, new - 1) :])
        marked = marked[:, 1:] if new else marked
        blocks.append(MetricBlock(output, labels, matrix.timestamps[new:], marked))
    return tuple(block for block in blocks if block.values.size)


def _values(replay: Replay) -> Mapping[Output, Matrix]:
    # At least the threshold while an alert is open, even where its score has fallen below.
    verdict = np.where(replay.alerting, np.fmax(replay.score, THRESHOLD), 0.0)
    return {
        "anomaly_score": replay.score,
        "anomaly_detection_score": np.where(np.isnan(replay.score), np.nan, verdict),
        "anomaly_detection_method": replay.score,
        "yhat": replay.expected,
        "yhat_lower": replay.lower,
        "yhat_upper": replay.upper,
    }


def _labels(
    signal: str,
    method: str,
    labels: Sequence[Mapping[str, str]],
    outputs: Collection[Output],
) -> Mapping[Output, tuple[Mapping[str, str], ...]]:
    """The labels of each series of each output that is wanted."""
    common = tuple(_labelled(own, {SIGNAL_LABEL: signal}) for own in labels)
    methods = tuple(_labelled(own, {METHOD_LABEL: method}) for own in common)
    return {
        output: methods if output == "anomaly_detection_method" else common
        for output in OUTPUTS
        if output in outputs
    }


def _with_ends(values: Matrix) -> Matrix:
    """The values with a marker at each first step that has none."""
    absent: NDArray[np.bool_] = ~np.isfinite(values)
    ends = absent.copy()
    ends[:, 1:] &= ~absent[:, :-1]
    ends[:, :1] = False
    marked = np.where(absent, np.nan, values)
    marked[ends] = STALE
    return marked


def _labelled(labels: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Labels with those of the detector; where one is taken, its value gets another name."""
    renamed = {
        (f"exported_{name}" if name in own else name): value
        for name, value in labels.items()
        if name != "__name__"
    }
    return {**renamed, **own}
