"""Counts of alerts and incidents, and the figures that follow from them.

Counts add up, figures do not: those of many series come from the sum of their counts, so that every
incident and every alert weighs the same wherever it happened.
"""

import math
from dataclasses import dataclass

import numpy as np

from anomaly.offline.alerted import Alerted
from anomaly.offline.events import Matching, match
from anomaly.offline.spans import Spans, spans

WEEK_SECONDS = 7 * 24 * 3600.0
LATE_PERCENTILE = 95


@dataclass(frozen=True)
class Tally:
    """What was counted; the sum of two tallies is the tally of both."""

    series: int = 0
    """Series that were looked at."""

    seconds: float = 0.0
    """Time for which they had values, summed over the series."""

    calm_seconds: float = 0.0
    """The part of it in which there was no incident, or of which nobody says so."""

    alerting_seconds: float = 0.0
    """The part of the calm time in which an alert was open."""

    alerts: int = 0
    """Alerts, those that are closer than a gap taken as one."""

    true_alerts: int = 0
    """Alerts that found an incident."""

    incidents: int = 0
    """Incidents that there were to find."""

    repeats: int = 0
    """Alerts told of the incidents that were found; one each would be ideal."""

    delays: tuple[float, ...] = ()
    """Seconds to the first alert, of every incident that was found."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.series + other.series,
            self.seconds + other.seconds,
            self.calm_seconds + other.calm_seconds,
            self.alerting_seconds + other.alerting_seconds,
            self.alerts + other.alerts,
            self.true_alerts + other.true_alerts,
            self.incidents + other.incidents,
            self.repeats + other.repeats,
            self.delays + other.delays,
        )

    @property
    def found(self) -> int:
        """Incidents that were found."""
        return len(self.delays)

    @property
    def false_alarms(self) -> int:
        """Alerts that found no incident."""
        return self.alerts - self.true_alerts

    @property
    def precision(self) -> float:
        """Share of the alerts that found an incident; NaN without alerts."""
        return _ratio(self.true_alerts, self.alerts)

    @property
    def recall(self) -> float:
        """Share of the incidents that were found; NaN without incidents."""
        return _ratio(self.found, self.incidents)

    @property
    def f1(self) -> float:
        """Harmonic mean of both: 0 when nothing was found, NaN when there was nothing to find."""
        if not self.incidents or not self.found:
            return 0.0 if self.incidents else math.nan
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    @property
    def delay_median(self) -> float:
        """Seconds after which half of the incidents that were found had been told."""
        return float(np.median(self.delays)) if self.delays else math.nan

    @property
    def delay_p95(self) -> float:
        """Seconds after which 95 % of them had been told."""
        return float(np.percentile(self.delays, LATE_PERCENTILE)) if self.delays else math.nan

    @property
    def alerts_per_week(self) -> float:
        """Alerts for each week of each series."""
        return _ratio(self.alerts, self.seconds / WEEK_SECONDS)

    @property
    def false_alarms_per_week(self) -> float:
        """False alarms for each week of each series."""
        return _ratio(self.false_alarms, self.seconds / WEEK_SECONDS)

    @property
    def alerts_per_incident(self) -> float:
        """Alerts that each incident made, of those that were found."""
        return _ratio(self.repeats, self.found)

    @property
    def alerting_share(self) -> float:
        """Share of the calm time in which an alert was open."""
        return _ratio(self.alerting_seconds, self.calm_seconds)


def tally(series: Alerted, matching: Matching) -> Tally:
    """Count one series; without labels, its alerts are neither true nor false."""
    told = spans(series.timestamps, series.alerting, gap_seconds=matching.gap_seconds)
    calm = series.present if series.incidents is None else ~series.incidents
    counted = Tally(
        series=1,
        seconds=series.seconds(series.present),
        calm_seconds=series.seconds(calm),
        alerting_seconds=series.seconds(calm & series.alerting),
        alerts=len(told),
    )
    if series.incidents is None:
        return counted
    labelled = spans(series.timestamps, series.incidents)
    return counted + _found(told, labelled, matching)


def _found(told: Spans, labelled: Spans, matching: Matching) -> Tally:
    found = match(told, labelled, matching)
    return Tally(
        true_alerts=int(np.count_nonzero(found.true)),
        incidents=len(labelled),
        repeats=int(np.count_nonzero(found.pairs)),
        delays=tuple(found.delays[found.found].tolist()),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
