"""The original design's methods as a stream: one of them, or the vote of the four.

Every statistic is one of a window, so a stream needs no more than the values that windows reach
back to.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig
from anomaly.detector.arrays import Block, Times
from anomaly.detector.judged import Judged
from anomaly.detector.methods import METHODS, Band, smoothing_depth
from anomaly.detector.windows import Matrix


class ClassicStream:
    """Judges what comes, tick after tick; an alert is on wherever the score is above 1."""

    def __init__(self, config: DetectorConfig, series: int) -> None:
        self._config = config
        self._names = tuple(METHODS) if config.method == "ensemble" else (config.method,)
        self._past = np.empty((series, 0))
        longest = max(config.history, config.moving_average_window)
        self._reach = longest + smoothing_depth(config.smoothing_alpha)

    @property
    def series(self) -> int:
        """How many are judged."""
        return len(self._past)

    def feed(self, times: Times, values: Block, *, detail: bool = True) -> Judged:
        """Judge the ticks that follow; the methods know no time and always tell their scores."""
        del times, detail
        known = np.where(np.isfinite(values), values, np.nan)
        matrix = np.concatenate([self._past, known.T], axis=1)
        new = slice(self._past.shape[1], None)
        self._past = matrix[:, -self._reach :].copy()
        with np.errstate(over="ignore", invalid="ignore"):  # numbers near the end of their range
            bands = {name: METHODS[name](matrix, self._config) for name in self._names}
            threshold = self._config.threshold
            scores = {name: band.score(matrix) / threshold for name, band in bands.items()}
            votes = len(bands) // 2 + 1
            score = _nth_largest(list(scores.values()), votes)[:, new].T
            band = _common_band([band.widened(threshold) for band in bands.values()], votes)
        expected, lower, upper = (
            part[:, new].T for part in (band.expected, band.lower, band.upper)
        )
        views = {name: part[:, new].T for name, part in scores.items()}
        alerting = score > 1
        another = np.zeros_like(alerting)
        return Judged(score, alerting, another, expected, lower, upper, views)

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that is needed to go on."""
        return {"past": self._past}

    @classmethod
    def restored(
        cls, config: DetectorConfig, state: Mapping[str, NDArray[np.generic]]
    ) -> "ClassicStream":
        """The stream that gave that state."""
        past = np.array(state["past"], np.float64)
        stream = cls(config, len(past))
        stream._past = past
        return stream


def _nth_largest(scores: list[Matrix], place: int) -> Matrix:
    """The score that `place` methods reach: above the threshold when so many of them say so."""
    largest: Matrix = np.sort(np.stack(scores), axis=0)[-place]
    return largest


def _common_band(bands: list[Band], votes: int) -> Band:
    """The edges outside of which so many methods see an anomaly; an unknown band is endless."""
    expected = np.stack([band.expected for band in bands])
    upper = np.stack([np.where(np.isnan(band.upper), np.inf, band.upper) for band in bands])
    lower = np.stack([np.where(np.isnan(band.lower), -np.inf, band.lower) for band in bands])
    edges = Band(
        _median(expected),
        np.sort(lower, axis=0)[-votes],
        np.sort(upper, axis=0)[votes - 1],
    )
    known = np.isfinite(edges.lower) & np.isfinite(edges.upper)
    parts = (edges.expected, edges.lower, edges.upper)
    return Band(*(np.where(known, part, np.nan) for part in parts))


def _median(stack: Matrix) -> Matrix:
    """Median over the first axis of what is known; NaN where nothing is."""
    ordered = np.sort(stack, axis=0)
    count = np.count_nonzero(~np.isnan(stack), axis=0)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    high = np.take_along_axis(ordered, count[None] // 2, axis=0)[0]
    median: Matrix = (low + high) / 2
    return median
