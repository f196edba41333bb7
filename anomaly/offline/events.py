"""Which alert found which incident: that in which it began.

One alert is one run of alerting points, one incident one run of labelled points. When an alert
begins is what wakes somebody, so that alone counts: inside the incident, or a few points before or
after it, for labels are seldom exact to the point. How long alerts stay open is a figure of its
own, so one that never ends finds nothing.
"""

from dataclasses import dataclass

import numpy as np

from anomaly.offline.spans import Mask, Spans, Vector

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
