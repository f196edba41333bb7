"""Statistics over the past of each point of a series matrix.

The past of a point is what lies strictly before it, so nothing here can look ahead. Missing values
(NaN) take no part. Every statistic of a window is computed from that window alone, so a prefix of
the matrix gives the same bits as the whole.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
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
