"""When people are told, and when they are not."""

from pydantic import Field

from anomaly.config.model import Model
from anomaly.incidents.track import Rules


class FalseDiscovery(Model):
    """Control over all series of a run; see `anomaly.incidents.fdr`."""

    rate: float = Field(0.1, gt=0, lt=1)
    """Share of false ones among the incidents that are told at their first point, for their rarity
    alone."""

    half_life_seconds: float = Field(6 * 3600.0, gt=0)
    """Time after which what was risked and found counts half. A longer memory is stricter."""


class Alerting(Model):
    """When an incident is told."""

    false_discovery: FalseDiscovery | None = FalseDiscovery()
    """Weighs a new incident against all series that were judged at the same time. null tells every
    incident at once, as is right for few series."""

    prominent_score: float = Field(3.0, ge=1)
    """An incident with this score is told at once, whatever the others do."""

    persistent_points: int = Field(3, ge=1, le=1000)
    """An incident with so many anomalous points among twice as many steps is told, however small
    it is."""

    critical_score: float = Field(3.0, ge=1)
    """An incident that is persistent and has reached this score is critical, not a warning. Only
    latency, errors and traffic can be: what users of a service feel."""

    group_gap_seconds: float = Field(1800.0, ge=0)
    """Incidents of one service that are closer in time are told as one group."""

    dead_after_seconds: int = Field(3 * 24 * 3600, ge=3600)
    """A series that had no value for so long is forgotten, and what was open of it is over."""

    def rules(self, *, step_seconds: float, remembered_seconds: float) -> Rules:
        """The same as incidents need it.

        Args:
            step_seconds: from one point to the next.
            remembered_seconds: how long an incident counts as an earlier one.
        """
        return Rules(
            self.prominent_score,
            self.persistent_points,
            persistent_seconds=2 * self.persistent_points * step_seconds,
            remembered_seconds=remembered_seconds,
        )
