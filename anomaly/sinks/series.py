"""From what the detector said to what is written: blocks of one metric on the same steps. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.config.receivers import OUTPUTS, Output
from anomaly.detector import THRESHOLD
from anomaly.detector.arrays import Matrix
from anomaly.incidents.track import Flags, Judged

STALE_BITS = np.uint64(0x7FF0000000000002)
STALE: np.float64 = np.array([STALE_BITS]).view(np.float64)[0]
"""Prometheus' marker for the end of a series. It is a NaN like any other to arithmetic; only its
bits tell."""


@dataclass(frozen=True)
class MetricBlock:
    """One metric of many series."""

    metric: str
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
    labels: Sequence[Mapping[str, str]],
    judged: Judged,
    *,
    after: float,
    there: Flags,
    outputs: Collection[Output] = OUTPUTS,
) -> tuple[MetricBlock, ...]:
    """What is to be written of newly judged steps: one sample for each of them.

    Where a series ends, its results end with it, by a marker at the first step without a value. For
    that at the first new step, it has to be known which series were there before.

    Args:
        signal: name of the signal.
        method: name of the method that judged.
        labels: of the series.
        judged: what was said of them.
        after: epoch seconds of the last step that was written before.
        there: (series,), which of them had a value at the step before the first that was judged.
        outputs: which series are wanted.
    """
    new = int(np.searchsorted(judged.timestamps, after, side="right"))
    said, blocks = _values(judged), []
    for output, own in _labels(signal, method, labels, outputs).items():
        values = said[output]
        before = np.isfinite(values[:, new - 1]) if new else there
        marked = _with_ends(values[:, new:], before)
        blocks.append(MetricBlock(output, own, judged.timestamps[new:], marked))
    return tuple(block for block in blocks if block.values.size)


def _values(judged: Judged) -> Mapping[Output, Matrix]:
    score = judged.score
    nothing = np.isnan(score)
    # At least the threshold while an alert is open, even where its score has fallen below.
    verdict = np.where(judged.alerting, np.fmax(score, THRESHOLD), 0.0)
    return {
        "anomaly_score": score,
        "anomaly_detection_score": np.where(nothing, np.nan, verdict),
        "anomaly_detection_method": score,
        # A series that is gone takes its band with it.
        "yhat": np.where(nothing, np.nan, judged.expected),
        "yhat_lower": np.where(nothing, np.nan, judged.lower),
        "yhat_upper": np.where(nothing, np.nan, judged.upper),
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


def _with_ends(values: Matrix, before: Flags) -> Matrix:
    """The values with a marker at each first step that has none."""
    known = np.isfinite(values)
    marked = np.where(known, values, np.nan)
    marked[~known & np.concatenate([before[:, None], known[:, :-1]], axis=1)] = STALE
    return marked


def _labelled(labels: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Labels with those of the detector; where one is taken, its value gets another name."""
    renamed = {
        (f"exported_{name}" if name in own else name): value
        for name, value in labels.items()
        if name != "__name__"
    }
    return {**renamed, **own}
