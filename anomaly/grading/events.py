"""Which alert found which incident.

One alert is one run of alerting points, one incident one run of labelled points. An alert finds an
incident when both overlap, or when it begins soon after the incident is over; an alert that had
begun long before the incident does not find it, or a detector that never stops would be perfect.
"""

from dataclasses import dataclass

import numpy as np

from anomaly.spans import Mask, Spans, Vector

LEAST_SLACK_SECONDS = 600.0
SLACK_STEPS = 3
"""By default an alert may miss an incident by so much time or so many steps, whichever is more."""


@dataclass(frozen=True)
class Matching:
    """When an alert counts as having found an incident."""

    gap_seconds: float
    """Alerts of one series that are closer than this are one; incidents as well."""

    tolerance_seconds: float
    """How long after the end of an incident an alert may still begin to find it."""

    early_seconds: float
    """How long before an incident an alert may have begun; it must go on until the incident.
    Infinity lets every overlap count, and with it an alert that never ends."""

    @classmethod
    def of_step(cls, step_seconds: float) -> "Matching":
        """What is fair for series of that resolution: labels are seldom exact to the point."""
        slack = max(LEAST_SLACK_SECONDS, SLACK_STEPS * step_seconds)
        return cls(gap_seconds=slack, tolerance_seconds=slack, early_seconds=slack)


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
    begins, stops = alerts.starts[:, None], alerts.ends[:, None]
    pairs = (
        (begins <= incidents.ends + matching.tolerance_seconds)
        & (stops >= incidents.starts)
        & (begins >= incidents.starts - matching.early_seconds)
    )
    late = np.where(pairs, np.maximum(begins - incidents.starts, 0.0), np.inf)
    delays = late.min(axis=0, initial=np.inf)
    return Match(pairs, np.where(np.isinf(delays), np.nan, delays))
