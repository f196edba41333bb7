"""Alerts as an operator counts them: anomalies found, alerts for nothing, and how late."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.quality.spans import Spans, runs

WEEK = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Events:
    """Counts of one series, or of many added up."""

    found: int = 0
    """Anomalies with at least one alert."""

    missed: int = 0
    """Anomalies without an alert."""

    alerts: int = 0
    """Alerts, true and false."""

    false: int = 0
    """Alerts that touch no anomaly."""

    weeks: float = 0.0
    """Time over which all this happened, in series-weeks."""

    delays: tuple[float, ...] = ()
    """Seconds from the beginning of each found anomaly to its first alert; not below 0."""

    def __add__(self, other: "Events") -> "Events":
        return Events(
            self.found + other.found,
            self.missed + other.missed,
            self.alerts + other.alerts,
            self.false + other.false,
            self.weeks + other.weeks,
            self.delays + other.delays,
        )

    @property
    def precision(self) -> float:
        """Anomalies found, as a share of them and the false alerts; NaN when nothing alerted."""
        return _share(self.found, self.found + self.false)

    @property
    def recall(self) -> float:
        """Anomalies found, as a share of all; NaN when there are none."""
        return _share(self.found, self.found + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two: 2 found / (2 found + false + missed)."""
        return _share(2 * self.found, 2 * self.found + self.false + self.missed)

    @property
    def false_per_week(self) -> float:
        """False alerts per series and week."""
        return _share(self.false, self.weeks)

    @property
    def alerts_per_found(self) -> float:
        """True alerts per anomaly found; 1 when each incident is told once."""
        return _share(self.alerts - self.false, self.found)

    def delay(self, quantile: float) -> float:
        """Return a quantile of the delays in seconds; NaN when nothing was found."""
        return float(np.quantile(self.delays, quantile)) if self.delays else float("nan")


def count(
    alerting: ArrayLike, labels: ArrayLike, timestamps: ArrayLike, *, tolerance: int = 0
) -> Events:
    """Count the events of one series.

    An alert is a run of alerting points, an anomaly a run of labelled ones; they meet when they
    share a point once the anomaly is widened by `tolerance` points on both sides.
    """
    times = np.asarray(timestamps, dtype=np.float64)
    alerts, anomalies = runs(alerting), runs(labels)
    widened = Spans(
        np.maximum(anomalies.first - tolerance, 0),
        np.minimum(anomalies.last + tolerance, len(times) - 1),
    )
    found, delays = 0, []
    for (first, last), begin in zip(widened, anomalies.first, strict=True):
        touching = np.flatnonzero((alerts.first <= last) & (alerts.last >= first))
        if len(touching):
            found += 1
            noticed = max(alerts.first[touching[0]], begin)
            delays.append(float(times[noticed] - times[begin]))
    return Events(
        found=found,
        missed=len(anomalies) - found,
        alerts=len(alerts),
        false=int(np.count_nonzero(~_touches(alerts, widened, len(times)))),
        weeks=float(times[-1] - times[0]) / WEEK if len(times) else 0.0,
        delays=tuple(delays),
    )


def _touches(spans: Spans, others: Spans, points: int) -> NDArray[np.bool_]:
    """Whether each span shares a point with any of the others."""
    edges = np.zeros(points + 1, dtype=np.intp)
    np.add.at(edges, others.first, 1)
    np.add.at(edges, others.last + 1, -1)
    covered = np.concatenate(([0], np.cumsum(np.cumsum(edges)[:points] > 0)))
    return covered[spans.last + 1] > covered[spans.first]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
