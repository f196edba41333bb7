"""Which alert found which incident.

One alert is one run of alerting points, one incident one run of labelled points. An alert finds an
incident when both overlap, or when it begins soon after the incident is over. An alert that had
begun long before does not, unless it has followed other incidents until then: otherwise one that
never ends would be perfect.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.spans import Mask, Spans, Vector

LEAST_SECONDS = 600.0
"""Labels are seldom exact to the minute."""

SLACK_STEPS = 3
"""Nor to the point."""

RECOVERY_SECONDS = 7200.0
RECOVERY_STEPS = 24
"""An alert may have to see two hours of calm, and so many points of it, before it is over."""


@dataclass(frozen=True)
class Matching:
    """When an alert counts as having found an incident."""

    gap_seconds: float
    """Alerts of one series that are closer than this are one; incidents as well."""

    tolerance_seconds: float
    """How long after the end of an incident an alert may still begin to find it."""

    early_seconds: float
    """How long before an incident an alert may have begun, or the incident before it that the same
    alert found may have ended; the alert must be open until then. Infinity lets every overlap
    count."""

    @classmethod
    def of_step(cls, step_seconds: float) -> "Matching":
        """What is fair for series of that resolution."""
        slack = max(LEAST_SECONDS, SLACK_STEPS * step_seconds)
        return cls(slack, slack, max(RECOVERY_SECONDS, RECOVERY_STEPS * step_seconds))


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
    touching = (begins <= incidents.ends + matching.tolerance_seconds) & (stops >= incidents.starts)
    in_time = touching & (begins >= incidents.starts - matching.early_seconds)
    pairs = touching & _along(_chains(incidents, matching.early_seconds), in_time)
    late = np.where(pairs, np.maximum(begins - incidents.starts, 0.0), np.inf)
    delays = late.min(axis=0, initial=np.inf)
    return Match(pairs, np.where(np.isinf(delays), np.nan, delays))


def _along(chain: NDArray[np.intp], in_time: Mask) -> Mask:
    """(alerts, incidents), whether the alert began in time for any incident of the same chain."""
    members = chain[:, None] == np.arange(chain.max(initial=-1) + 1)
    # As numbers: products of truths are not what processors are quick at.
    began: Mask = in_time.astype(np.float32) @ members.astype(np.float32) > 0
    return began[:, chain]


def _chains(incidents: Spans, early_seconds: float) -> NDArray[np.intp]:
    """(incidents,), equal numbers where no longer calm lies between incidents."""
    order = np.argsort(incidents.starts, kind="stable")
    reach = np.maximum.accumulate(incidents.ends[order])
    apart = incidents.starts[order][1:] - reach[:-1] > early_seconds
    chain = np.empty(len(incidents), dtype=np.intp)
    chain[order] = np.concatenate([[0], np.cumsum(apart)])
    return chain
