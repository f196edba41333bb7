"""A series and where alerts were open on it: what there is to grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from anomaly.offline.spans import Mask, Vector, step_seconds


@dataclass(frozen=True)
class Alerted:
    """One series; all arrays are (time,)."""

    timestamps: Vector
    """Epoch seconds, not decreasing."""

    present: Mask
    """Where there is a value; time without one does not count as looked at."""

    alerting: Mask
    """Where an alert is open."""

    incidents: Mask | None = None
    """Where somebody who knows says that there was an incident; None where nobody does."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """What tells the series from others; faults hit series by their labels."""

    name: str = ""
    """What it is called in reports."""

    def seconds(self, where: Mask) -> float:
        """For how long something holds, of the time with values."""
        return float(np.count_nonzero(where & self.present) * step_seconds(self.timestamps))
