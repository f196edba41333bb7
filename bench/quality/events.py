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
    """Alerts that begin in no anomaly."""

    weeks: float = 0.0
    """Time over which all this happened, in series-weeks."""

    calm: int = 0
    """Points without an anomaly."""

    calm_alerting: int = 0
    """Those of them at which an alert was open."""

    delays: tuple[float, ...] = ()
    """Seconds from the beginning of each found anomaly to its first alert; not below 0."""

    def __add__(self, other: "Events") -> "Events":
        return Events(
            self.found + other.found,
            self.missed + other.missed,
            self.alerts + other.alerts,
            self.false + other.false,
            self.weeks + other.weeks,
            self.calm + other.calm,
            self.calm_alerting + other.calm_alerting,
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
    def calm_share(self) -> float:
        """Share of the calm points at which an alert was open."""
        return _share(self.calm_alerting, self.calm)

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

    An alert is a run of alerting points, an anomaly a run of labelled ones. An alert finds the
    anomaly in which it begins, or at most `tolerance` points before or after it. So an alert that
    is always open finds nothing.
    """
    times = np.asarray(timestamps, dtype=np.float64)
    alerts, anomalies = runs(alerting), runs(labels)
    began = _begins_in(alerts, anomalies, tolerance)
    true = Spans(alerts.first[began], alerts.last[began])
    calm = ~np.asarray(labels).astype(bool)
    delays = []
    for first, last in anomalies:
        finds = (true.first <= last + tolerance) & (true.first >= first - tolerance)
        if finds.any():
            noticed = max(int(true.first[np.argmax(finds)]), first)
            delays.append(float(times[noticed] - times[first]))
    return Events(
        found=len(delays),
        missed=len(anomalies) - len(delays),
        alerts=len(alerts),
        false=len(alerts) - len(true),
        weeks=float(times[-1] - times[0]) / WEEK if len(times) else 0.0,
        delays=tuple(delays),
        calm=int(np.count_nonzero(calm)),
        calm_alerting=int(np.count_nonzero(calm & np.asarray(alerting).astype(bool))),
    )


def _begins_in(alerts: Spans, anomalies: Spans, tolerance: int) -> NDArray[np.bool_]:
    """Whether each alert begins in an anomaly or so near to one."""
    after = np.searchsorted(anomalies.first - tolerance, alerts.first, side="right")
    before = np.searchsorted(anomalies.last + tolerance, alerts.first, side="left")
    return after > before


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
