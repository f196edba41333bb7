"""VUS-PR: the volume under the precision-recall surface over thresholds and tolerances.

An anomaly is seldom labelled to the point. So the labels get buffers on both sides in which being
right counts less with distance, for every buffer width up to a lag that the series itself gives,
and the average precisions for all widths are averaged. The definition, with its constants, is the
one of the TSB-AD benchmark, so that figures can be laid beside those it publishes.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.quality.spans import Spans, runs

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

THRESHOLDS = 250
"""Thresholds, at equally spaced ranks of the score."""

FALLBACK_LAG = 125
"""Largest buffer of a series whose autocorrelation has no usable peak."""

ACF_POINTS = 20_000
ACF_LAGS = 400
ACF_SKIPPED = 3
"""Lags left out before peaks are looked for; a peak must be 3 to 300 lags beyond them."""

ACF_PEAKS = range(3, 301)


def vus_pr(score: ArrayLike, labels: ArrayLike, lag: int) -> float:
    """Return the VUS-PR of a score; NaN when nothing is labelled.

    Args:
        score: how anomalous each point is; only the ranking matters, and NaN ranks lowest.
        labels: nonzero where a point belongs to an anomaly.
        lag: the largest buffer, from `buffer_lag` of the series' values.

    Raises:
        ValueError: when the two are not vectors of one length.
    """
    ranked = np.asarray(score, dtype=np.float64)
    truth = np.asarray(labels).astype(bool)
    if ranked.ndim != 1 or ranked.shape != truth.shape:
        raise ValueError(f"score {ranked.shape} and labels {truth.shape} must be equal vectors")
    segments = runs(truth)
    if not len(segments):
        return float("nan")
    passes = _first_threshold_passed(np.where(np.isnan(ranked), -np.inf, ranked))
    predicted = _cumulated(passes)
    inside = _cumulated(passes[truth])
    buffers = _Buffers(segments, truth, passes, lag // 2)
    volume = 0.0
    for width in range(lag + 1):
        outside = buffers.hit(width)
        positives = inside[-1] + outside / 2
        recall = np.minimum((inside + outside) / positives, 1.0) * buffers.segments_hit(width)
        precision = (inside + outside) / predicted
        volume += float(np.diff(recall, prepend=0.0) @ precision)
    return volume / (lag + 1)


def buffer_lag(values: ArrayLike) -> int:
    """Return the lag of the highest local peak of a series' autocorrelation, or the fallback."""
    series = np.asarray(values, dtype=np.float64)[:ACF_POINTS]
    known = np.isfinite(series)
    if not known.any():
        return FALLBACK_LAG
    deviation = np.where(known, series - series[known].mean(), 0.0)
    size = 2 ** int(np.ceil(np.log2(2 * len(series) + 1)))
    covariance = np.fft.irfft(np.abs(np.fft.rfft(deviation, size)) ** 2, size)
    tail = covariance[ACF_SKIPPED : min(ACF_LAGS + 1, len(series))]
    peaks = np.flatnonzero((tail[1:-1] > tail[:-2]) & (tail[1:-1] > tail[2:])) + 1
    if covariance[0] <= 0 or not len(peaks):
        return FALLBACK_LAG
    peak = int(peaks[np.argmax(tail[peaks])])
    return peak + ACF_SKIPPED if peak in ACF_PEAKS else FALLBACK_LAG


def _first_threshold_passed(score: Vector) -> Indices:
    """For every point, the first of the falling thresholds that it reaches."""
    falling = -np.sort(-score)
    ranks = np.linspace(0, len(score) - 1, THRESHOLDS).astype(np.intp)
    return np.searchsorted(-falling[ranks], -score, side="left")


def _cumulated(passes: Indices, weights: Vector | None = None) -> Vector:
    """At every threshold, the number (or weight) of the points that reach it."""
    counts = np.bincount(passes, weights=weights, minlength=THRESHOLDS)
    return np.cumsum(counts).astype(np.float64)


class _Buffers:
    """The points around the anomalies, sorted by distance so that each width takes a prefix."""

    def __init__(
        self, segments: Spans, truth: NDArray[np.bool_], passes: Indices, reach: int
    ) -> None:
        distance = np.arange(1, reach + 1)
        position = np.stack(
            [segments.first - distance[:, None], segments.last + distance[:, None]], axis=1
        )
        away = np.broadcast_to(distance[:, None, None], position.shape)
        within = (position >= 0) & (position < len(truth))
        within[within] = ~truth[position[within]]
        self._distance = away[within].astype(np.float64)
        points, self._point = np.unique(position[within], return_inverse=True)
        self._passes = passes[points]
        self._segments = segments
        self._earliest = _earliest_pass(segments, passes, reach)

    def hit(self, width: int) -> Vector:
        """At every threshold, the soft labels of the buffer points that reach it."""
        upto = np.searchsorted(self._distance, width // 2, side="right")
        if not upto:
            return np.zeros(THRESHOLDS)
        closeness = np.sqrt(1 - self._distance[:upto] / width)
        soft = np.bincount(self._point[:upto], closeness, minlength=len(self._passes))
        return _cumulated(self._passes, np.minimum(soft, 1.0))

    def segments_hit(self, width: int) -> Vector:
        """At every threshold, the share of the widened and then joined segments with a hit."""
        first, last, half = self._segments.first, self._segments.last, width // 2
        apart = first[1:] - half > last[:-1] + half
        heads = np.concatenate(([0], np.flatnonzero(apart) + 1))
        earliest = np.minimum.reduceat(self._earliest[half], heads)
        return _cumulated(earliest) / len(heads)


def _earliest_pass(segments: Spans, passes: Indices, reach: int) -> list[Indices]:
    """For every half width, the first threshold that any point of each widened segment reaches."""
    earliest = np.array([passes[first : last + 1].min() for first, last in segments])
    result = [earliest]
    for distance in range(1, reach + 1):
        left = passes[np.maximum(segments.first - distance, 0)]
        right = passes[np.minimum(segments.last + distance, len(passes) - 1)]
        earliest = np.minimum(earliest, np.minimum(left, right))
        result.append(earliest)
    return result
