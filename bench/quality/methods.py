"""What this project's own methods say of labelled series."""

from collections.abc import Callable, Sequence

import numpy as np

from anomaly.config.detector import DetectorConfig, MethodName
from anomaly.detector import THRESHOLD, Detector
from bench.quality.protocol import Judged, hold
from bench.quality.series import Labelled

ORIGINAL: tuple[MethodName, ...] = (
    "ensemble",
    "zscore",
    "moving_average",
    "iqr",
    "exponential_smoothing",
)
"""The methods of the original design; `ensemble` is their vote."""

Judge = Callable[[Sequence[Labelled]], list[Judged]]


def default(group: Sequence[Labelled]) -> list[Judged]:
    """Judge by the default configuration; the score that is not held is asked for separately."""
    held, bare = Detector(), Detector(DetectorConfig(peak_hold=False))
    judged = []
    for series in group:
        shipped = held.replay(series.timestamps, series.values[None])
        score = bare.replay(series.timestamps, series.values[None]).score[0]
        judged.append(Judged(score, shipped.score[0], shipped.alerting[0], once=True))
    return judged


def original(group: Sequence[Labelled], method: MethodName) -> list[Judged]:
    """Judge as the original design says: every point beyond the threshold is an alert."""
    detector = Detector(DetectorConfig(method=method))
    judged = []
    for series in group:
        score = detector.replay(series.timestamps, series.values[None]).score[0]
        judged.append(Judged(score, hold(score), np.nan_to_num(score) > THRESHOLD))
    return judged
