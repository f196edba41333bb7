"""The original design's functions: one series in, one verdict for each point out."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.config.detector import DetectorConfig, MethodName
from anomaly.detector import Detector

Verdicts = NDArray[np.bool_]


def detect_zscore(values: ArrayLike, threshold: float = 3.0) -> Verdicts:
    """Points more than `threshold` standard deviations from the mean of their past."""
    return _verdicts(values, "zscore", zscore_threshold=threshold)


def detect_moving_average(
    values: ArrayLike, window: int = 10, threshold_percent: float = 30.0
) -> Verdicts:
    """Points more than `threshold_percent` off the mean of the `window` points before them."""
    return _verdicts(
        values,
        "moving_average",
        moving_average_window=window,
        moving_average_percent=threshold_percent,
    )


def detect_iqr(values: ArrayLike, factor: float = 1.5) -> Verdicts:
    """Points more than `factor` interquartile ranges outside the quartiles of their past."""
    return _verdicts(values, "iqr", iqr_factor=factor)


def detect_exponential_smoothing(
    values: ArrayLike, alpha: float = 0.3, threshold: float = 3.0
) -> Verdicts:
    """Points whose distance from the smoothed past is `threshold` times the usual error."""
    return _verdicts(
        values, "exponential_smoothing", smoothing_alpha=alpha, zscore_threshold=threshold
    )


def detect_ensemble(values: ArrayLike) -> Verdicts:
    """Points that more than half of the four methods call anomalous."""
    return _verdicts(values, "ensemble")


def _verdicts(values: ArrayLike, method: MethodName, **parameters: float) -> Verdicts:
    series = np.atleast_1d(np.asarray(values, dtype=np.float64))
    config = DetectorConfig.model_validate({"method": method, **parameters})
    verdicts: Verdicts = Detector(config).replay(np.arange(len(series)), series[None]).alerting[0]
    return verdicts
