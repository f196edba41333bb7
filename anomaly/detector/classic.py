"""The four methods of the original design as a stream: one of them, or the vote of all.

Each is a band around what it expects; how anomalous a point is follows from the band alone: 0 in
the middle, 1 at its edge. A method sees the past of a point only, what lies strictly before it.
Every statistic is computed from its window alone, so a prefix of a series gives the same bits as
the whole, and a stream needs no more than the values that windows reach back to.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig
from anomaly.detector.arrays import SILENCE, Block, Flags, Judged, Matrix, Times

Statistic = Callable[[Matrix], Matrix]

CHUNK = 1 << 21
"""Numbers that are in memory at once as windows; 16 MiB."""


def over_past(values: Matrix, width: int, least: int, statistic: Statistic) -> Matrix:
    """A statistic of up to `width` points before each point.

    Args:
        values: (series, time), NaN where missing.
        width: points that a window reaches back.
        least: points that must be there; with fewer the result is NaN.
        statistic: from (windows, width) to (windows,); windows without any value never reach it.
    """
    result = np.full(values.shape, np.nan)
    for series, start, windows in _windows(values, width):
        enough = np.count_nonzero(~np.isnan(windows), axis=1) >= max(least, 1)
        if enough.any():
            span = result[series, start : start + len(windows)]
            span[enough] = statistic(windows[enough])
    return result


def _windows(values: Matrix, width: int) -> Iterator[tuple[int, int, Matrix]]:
    """Pieces of one series at a time, as contiguous (points, width): the past of each point."""
    series, length = values.shape
    step = max(1, CHUNK // width)
    padded = np.concatenate([np.full((series, width), np.nan), values[:, :-1]], axis=1)
    for index in range(series):
        view = sliding_window_view(padded[index], width)
        for start in range(0, length, step):
            yield index, start, np.ascontiguousarray(view[start : min(start + step, length)])


def mean(windows: Matrix) -> Matrix:
    """Mean of what is there."""
    present = ~np.isnan(windows)
    total: Matrix = np.where(present, windows, 0.0).sum(axis=1)
    result: Matrix = total / present.sum(axis=1)
    return result


def standard_deviation(windows: Matrix) -> Matrix:
    """Spread around the mean of what is there."""
    return root_mean_square(windows - mean(windows)[:, None])


def root_mean_square(windows: Matrix) -> Matrix:
    """Size of what is there, signs aside."""
    return np.sqrt(mean(np.square(windows)))


def weighted_mean(weights: Matrix) -> Statistic:
    """Mean with a weight for each place in the window, oldest first."""

    def statistic(windows: Matrix) -> Matrix:
        present = ~np.isnan(windows)
        total: Matrix = np.where(present, windows * weights, 0.0).sum(axis=1)
        result: Matrix = total / np.where(present, weights, 0.0).sum(axis=1)
        return result

    return statistic


def quantile(fraction: float) -> Statistic:
    """Quantile of what is there, interpolated linearly between neighbours."""

    def statistic(windows: Matrix) -> Matrix:
        ordered = np.sort(windows, axis=1)  # NaN last
        place = fraction * (np.count_nonzero(~np.isnan(windows), axis=1) - 1)
        below = np.floor(place).astype(np.intp)
        above = np.ceil(place).astype(np.intp)
        rows = np.arange(len(windows))
        low, high = ordered[rows, below], ordered[rows, above]
        interpolated: Matrix = low + (high - low) * (place - below)
        return interpolated

    return statistic


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


class ClassicStream:
    """Judges what comes, tick after tick; an alert is on where the score is above 1."""

    def __init__(self, config: DetectorConfig, series: int) -> None:
        self._config = config
        self._names = tuple(METHODS) if config.method == "ensemble" else (config.method,)
        self._past = np.empty((series, 0))
        self._on, self._heard = np.zeros(series, np.bool_), np.full(series, -np.inf)
        longest = max(config.history, config.moving_average_window)
        self._reach = longest + smoothing_depth(config.smoothing_alpha)

    @property
    def series(self) -> int:
        """How many are judged."""
        return len(self._past)

    def feed(self, times: Times, values: Block, *, detail: bool = True) -> Judged:
        """Judge the ticks that follow; the methods always tell their scores."""
        del detail
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
        alerting = self._alerting(times, score)
        another = np.zeros_like(alerting)
        return Judged(score, alerting, another, expected, lower, upper, views)

    def _alerting(self, times: Times, score: Block) -> Flags:
        """Where an alert is on; where nothing came, as before, until silence has its time."""
        if not len(times):
            return np.zeros(score.shape, np.bool_)
        places = np.where(np.isnan(score), -1, np.arange(len(times))[:, None])
        newest = np.maximum.accumulate(places, axis=0)
        on = np.where(newest < 0, self._on, np.take_along_axis(score > 1, newest, axis=0))
        heard = np.where(newest < 0, self._heard, times[newest])
        self._on, self._heard = on[-1], heard[-1]
        alerting: Flags = on & (times[:, None] - heard <= SILENCE)
        return alerting

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that is needed to go on."""
        return {"past": self._past, "on": self._on, "heard": self._heard}

    @classmethod
    def restored(
        cls, config: DetectorConfig, state: Mapping[str, NDArray[np.generic]]
    ) -> "ClassicStream":
        """The stream that gave that state."""
        stream = cls(config, len(state["past"]))
        stream._past = np.array(state["past"], np.float64)
        stream._on, stream._heard = np.array(state["on"]), np.array(state["heard"])
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
