"""The four methods of the original design, each as a band around what it expects.

A method sees only the past of a point and says what it expects and how far off is still normal.
How anomalous a point is follows from the band alone: 0 in the middle, 1 at its edge.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from anomaly.config.detector import DetectorConfig
from anomaly.detector.windows import (
    Matrix,
    mean,
    over_past,
    quantile,
    root_mean_square,
    standard_deviation,
    weighted_mean,
)

RELATIVE_FLOOR = 1e-6
"""A band is at least so wide, as a share of what is expected, so that the first change of a
constant series is an anomaly of finite size and rounding errors are none."""

ABSOLUTE_FLOOR = 1e-12
"""The same where zero is expected."""

LARGEST = 1e9
"""Scores end here, so that they are always numbers."""

FORGOTTEN = 1e-6
"""Weight, as a share of the newest point's, below which exponential smoothing forgets a point."""


@dataclass(frozen=True)
class Band:
    """What a method expects of each point, (series, time); NaN while it knows too little."""

    expected: Matrix
    """The value it expects."""

    lower: Matrix
    """What is below is anomalous."""

    upper: Matrix
    """What is above is anomalous."""

    def widened(self, times: float) -> "Band":
        """The same around what is expected, so many times as wide."""
        if times == 1:
            return self  # to the last bit
        return Band(
            self.expected,
            self.expected - times * (self.expected - self.lower),
            self.expected + times * (self.upper - self.expected),
        )

    def score(self, values: Matrix) -> Matrix:
        """Distance from the expected in units of the distance to the edge; 0 without a band."""
        above = values >= self.expected
        reach = np.where(above, self.upper - self.expected, self.expected - self.lower)
        floor = RELATIVE_FLOOR * np.abs(self.expected) + ABSOLUTE_FLOOR
        score = np.minimum(np.abs(values - self.expected) / np.maximum(reach, floor), LARGEST)
        return np.where(np.isnan(score) & ~np.isnan(values), 0.0, score)


Method = Callable[[Matrix, DetectorConfig], Band]


def zscore(values: Matrix, config: DetectorConfig) -> Band:
    """So many standard deviations from the mean of the past."""
    centre = over_past(values, config.history, config.warmup, mean)
    spread = over_past(values, config.history, config.warmup, standard_deviation)
    return _around(centre, config.zscore_threshold * spread)


def moving_average(values: Matrix, config: DetectorConfig) -> Band:
    """So many percent from the average of the last few points."""
    width = config.moving_average_window
    centre = over_past(values, width, width // 2 + 1, mean)
    return _around(centre, config.moving_average_percent / 100 * np.abs(centre))


def iqr(values: Matrix, config: DetectorConfig) -> Band:
    """So many interquartile ranges outside the quartiles of the past."""
    first, middle, third = (
        over_past(values, config.history, config.warmup, quantile(fraction))
        for fraction in (0.25, 0.5, 0.75)
    )
    reach = config.iqr_factor * (third - first)
    return Band(middle, first - reach, third + reach)


def exponential_smoothing(values: Matrix, config: DetectorConfig) -> Band:
    """So many standard deviations of the past errors from the smoothed past."""
    alpha = config.smoothing_alpha
    depth = smoothing_depth(alpha)
    weights = (1 - alpha) ** np.arange(depth - 1, -1, -1, dtype=np.float64)
    centre = over_past(values, depth, 1, weighted_mean(weights))
    error = over_past(values - centre, config.history, config.warmup, root_mean_square)
    return _around(centre, config.zscore_threshold * error)


def smoothing_depth(alpha: float) -> int:
    """Points after which exponential smoothing has forgotten."""
    return int(np.ceil(np.log(FORGOTTEN) / np.log1p(-alpha)))


def _around(centre: Matrix, reach: Matrix) -> Band:
    return Band(centre, centre - reach, centre + reach)


METHODS: dict[str, Method] = {
    "zscore": zscore,
    "moving_average": moving_average,
    "iqr": iqr,
    "exponential_smoothing": exponential_smoothing,
}
"""The methods by name; their vote is `ensemble`."""
