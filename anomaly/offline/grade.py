"""How good alerts are: those of a series held against incidents, counted, and the figures.

One alert is one run of alerting points, one incident one run of labelled points. When an alert
begins is what wakes somebody, so that alone counts: inside the incident, or a few points before or
after it, for labels are seldom exact to the point. How long alerts stay open is a figure of its
own, so one that never ends finds nothing.

Counts add up, figures do not: those of many series come from the sum of their counts, so that every
incident and every alert weighs the same wherever it happened.
"""

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Spans:
    """Spans of time, each from its first to its last point, in epoch seconds."""

    starts: Vector
    ends: Vector

    def __len__(self) -> int:
        return len(self.starts)

    def only(self, which: Mask) -> Self:
        """Some of them."""
        return type(self)(self.starts[which], self.ends[which])


def spans(timestamps: Vector, mask: Mask, *, gap_seconds: float = 0.0) -> Spans:
    """The runs of True, those of them that are closer than a gap taken as one.

    Args:
        timestamps: (time,), epoch seconds, not decreasing.
        mask: (time,).
        gap_seconds: a run that begins earlier than so long after the end of the one before it
            goes on with it.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    starts, ends = timestamps[edges[::2]], timestamps[edges[1::2] - 1]
    apart = starts[1:] - ends[:-1] >= gap_seconds
    return Spans(
        starts[np.concatenate([[True], apart])[: len(starts)]],
        ends[np.concatenate([apart, [True]])[: len(ends)]],
    )


def step_seconds(timestamps: Vector) -> float:
    """The usual time from one point to the next; 0 where there are no two."""
    steps = np.diff(timestamps)
    forward = steps[steps > 0]
    return float(np.median(forward)) if len(forward) else 0.0


def begun_within(mask: Mask, counted: Mask) -> Mask:
    """The runs of True that begin where it counts; (time,)."""
    begins = mask & ~np.concatenate([[False], mask[:-1]])
    run = np.cumsum(begins)
    before = run[~counted].max(initial=0)
    within: Mask = mask & counted & (run > before)
    return within


@dataclass(frozen=True)
class Alerted:
    """One series; all arrays are (time,)."""

    timestamps: Vector
    """Epoch seconds, not decreasing."""

    present: Mask
    """Where there is a value; time without one does not count as looked at."""

    alerting: Mask
    incidents: Mask | None = None
    """Where somebody who knows says that there was an incident; None where nobody does."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """What tells the series from others; faults hit series by their labels."""

    name: str = ""

    def seconds(self, where: Mask) -> float:
        """For how long something holds, of the time with values."""
        return float(np.count_nonzero(where & self.present) * step_seconds(self.timestamps))


SLACK_STEPS = 3
"""Labels are seldom exact to the point."""

QUIET_STEPS = 5.5
"""Alerts up to five points apart are one."""


@dataclass(frozen=True)
class Matching:
    """When an alert counts as having found an incident."""

    gap_seconds: float
    """Alerts of one series that are closer than this are one."""

    tolerance_seconds: float
    """How long after the end of an incident an alert may still begin to find it."""

    early_seconds: float
    """How long before the beginning of an incident an alert may begin to find it."""

    @classmethod
    def of_step(cls, step_seconds: float) -> "Matching":
        """What is fair for series of that resolution."""
        slack = SLACK_STEPS * step_seconds
        return cls(QUIET_STEPS * step_seconds, slack, slack)


@dataclass(frozen=True)
class Match:
    """Which alerts of one series found which of its incidents."""

    pairs: Mask
    """(alerts, incidents), True where the alert found the incident."""

    delays: Vector
    """Seconds from the beginning of each incident to the first alert that found it; 0 when the
    alert was first, NaN when none did."""

    @property
    def true(self) -> Mask:
        """(alerts,), whether the alert found any incident."""
        true: Mask = np.count_nonzero(self.pairs, axis=1) > 0
        return true

    @property
    def found(self) -> Mask:
        """(incidents,), whether any alert found the incident."""
        return ~np.isnan(self.delays)


def match(alerts: Spans, incidents: Spans, matching: Matching) -> Match:
    """Hold the alerts of one series against its incidents."""
    begins = alerts.starts[:, None]
    pairs = (begins >= incidents.starts - matching.early_seconds) & (
        begins <= incidents.ends + matching.tolerance_seconds
    )
    late = np.where(pairs, np.maximum(begins - incidents.starts, 0.0), np.inf)
    delays = late.min(axis=0, initial=np.inf)
    return Match(pairs, np.where(np.isinf(delays), np.nan, delays))


WEEK_SECONDS = 7 * 24 * 3600.0
LATE_PERCENTILE = 95


@dataclass(frozen=True)
class Tally:
    """What was counted; the sum of two tallies is the tally of both."""

    series: int = 0
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
        both = zip(astuple(self), astuple(other), strict=True)
        return Tally(*(mine + theirs for mine, theirs in both))

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
    def delay_median_seconds(self) -> float:
        """Seconds after which half of the incidents that were found had been told."""
        return float(np.median(self.delays)) if self.delays else math.nan

    @property
    def delay_p95_seconds(self) -> float:
        """Seconds after which 95 % of them had been told."""
        return float(np.percentile(self.delays, LATE_PERCENTILE)) if self.delays else math.nan

    @property
    def series_weeks(self) -> float:
        """Weeks with values, summed over the series."""
        return self.seconds / WEEK_SECONDS

    @property
    def alerts_per_week(self) -> float:
        """Alerts for each week of each series."""
        return _ratio(self.alerts, self.series_weeks)

    @property
    def false_alarms_per_week(self) -> float:
        """False alarms for each week of each series."""
        return _ratio(self.false_alarms, self.series_weeks)

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
    found = match(told, labelled, matching)
    return counted + Tally(
        true_alerts=int(np.count_nonzero(found.true)),
        incidents=len(labelled),
        repeats=int(np.count_nonzero(found.pairs)),
        delays=tuple(found.delays[found.found].tolist()),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
