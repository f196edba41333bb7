"""What the detector said of a series, as a timeline."""

from collections.abc import Sequence

import numpy as np

from anomaly.offline.explain import Verdicts
from anomaly.offline.spans import Mask, Spans, spans
from anomaly.offline.windows import FaultWindow
from anomaly.plotting.timeline import Timeline


def timeline(
    verdicts: Verdicts, incidents: Mask | None = None, faults: Sequence[FaultWindow] = ()
) -> Timeline:
    """One series as a timeline; faults come before labels."""
    limits = np.array([fault.span for fault in faults]).reshape(len(faults), 2)
    known = Spans(limits[:, 0], limits[:, 1])
    if incidents is not None and not faults:
        known = spans(verdicts.timestamps, incidents)
    return Timeline(
        name=verdicts.name,
        timestamps=verdicts.timestamps,
        values=verdicts.values,
        expected=verdicts.expected,
        lower=verdicts.lower,
        upper=verdicts.upper,
        score=verdicts.score,
        alerts=spans(verdicts.timestamps, verdicts.alerting),
        incidents=known,
        incident_names=tuple(fault.name for fault in faults),
    )
