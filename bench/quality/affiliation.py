"""Affiliation precision and recall: how near alerts and anomalies are, against chance.

Every point belongs to the anomaly that it is nearest to. Within that zone an alerting point is as
precise as it is improbable that a random point were nearer to the anomaly, and a labelled point is
recalled as well as it is improbable that a random point were nearer to it than the nearest alert.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.quality.spans import Spans, runs

Indices = NDArray[np.intp]


def affiliation_f1(alerting: ArrayLike, labels: ArrayLike) -> float:
    """Harmonic mean of affiliation precision and recall; NaN when nothing is labelled."""
    precision, recall = affiliation(alerting, labels)
    if np.isnan(recall):
        return float("nan")
    return 2 * precision * recall / (precision + recall) if recall else 0.0


def affiliation(alerting: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """Return precision (mean over zones with alerts; NaN without) and recall (mean over all)."""
    alerts = np.flatnonzero(np.asarray(alerting))
    anomalies = runs(labels)
    precisions, recalls = [], []
    for (first, last), (begin, end) in zip(
        anomalies, _zones(anomalies, len(np.asarray(labels))), strict=True
    ):
        mine = alerts[np.searchsorted(alerts, begin) : np.searchsorted(alerts, end, side="right")]
        if not len(mine):
            recalls.append(0.0)
            continue
        away = np.maximum(np.maximum(first - mine, mine - last), 0)
        precisions.append(_improbability(away, first, last, begin, end))
        truth = np.arange(first, last + 1)
        recalls.append(_improbability(_nearest(truth, mine), truth, truth, begin, end))
    return (
        float(np.mean(precisions)) if precisions else float("nan"),
        float(np.mean(recalls)) if recalls else float("nan"),
    )


def _zones(anomalies: Spans, points: int) -> Spans:
    """First and last point nearer to each anomaly than to any other; the earlier one on a tie."""
    middle = (anomalies.last[:-1] + anomalies.first[1:]) // 2
    return Spans(
        np.concatenate(([0], middle + 1))[: len(anomalies)],
        np.concatenate((middle, [points - 1]))[: len(anomalies)],
    )


def _improbability(
    away: Indices, first: Indices | int, last: Indices | int, begin: int, end: int
) -> float:
    """Mean probability that a random point of a zone is at least so far away from a span."""
    before = np.maximum(first - away - begin + 1, 0)
    behind = np.maximum(end - last - away + 1, 0)
    return float(np.mean(np.where(away > 0, (before + behind) / (end - begin + 1), 1.0)))


def _nearest(points: Indices, alerts: Indices) -> Indices:
    """Distance of each point to the nearest alert."""
    right = np.minimum(np.searchsorted(alerts, points), len(alerts) - 1)
    left = np.maximum(right - 1, 0)
    nearest: Indices = np.minimum(np.abs(alerts[right] - points), np.abs(alerts[left] - points))
    return nearest
