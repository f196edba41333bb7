"""Which series to draw of many: those with the most alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from anomaly.explaining import Verdicts
from anomaly.grading.windows import FaultWindow
from anomaly.plotting.timeline import Timeline
from anomaly.spans import Mask, Spans, spans

MOST = 6
"""Series in one picture."""


@dataclass
class Gallery:
    """Keeps what is worth drawing, and no more of it than fits into a picture."""

    faults: Sequence[FaultWindow] = ()
    """What was made on purpose; drawn on the series that it hit."""

    seen: int = 0
    """Series that were offered."""

    _kept: list[tuple[int, Timeline]] = field(default_factory=list)

    def offer(self, verdicts: Verdicts, incidents: Mask | None, labels: Mapping[str, str]) -> None:
        """Draw this series if there is room, or if it has more alerts than another."""
        self.seen += 1
        alerts = len(spans(verdicts.timestamps, verdicts.alerting))
        if len(self._kept) < MOST or alerts > self._kept[-1][0]:
            faults = [fault for fault in self.faults if fault.hits(labels)]
            self._kept.append((alerts, timeline(verdicts, incidents, faults)))
            self._kept.sort(key=lambda each: -each[0])
            del self._kept[MOST:]

    @property
    def timelines(self) -> list[Timeline]:
        """What to draw, the most restless first."""
        return [each for _, each in self._kept]


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
