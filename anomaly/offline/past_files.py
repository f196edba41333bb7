"""Series of files, judged as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anomaly.config.detector import DetectorConfig, at_threshold
from anomaly.detector import Detector
from anomaly.offline.alerted import Alerted
from anomaly.offline.explain import Verdicts
from anomaly.offline.history import History
from anomaly.offline.past import Name
from anomaly.offline.spans import Mask, begun_within


@dataclass(frozen=True)
class FilesPast:
    """Series that nobody watches as a signal."""

    histories: Sequence[History]
    """All of them."""

    config: DetectorConfig
    """How they are judged."""

    @cached_property
    def names(self) -> Sequence[Name]:
        """All series of all files."""
        return [
            Name(name, labels)
            for history in self.histories
            for name, labels in zip(history.names, history.labels, strict=True)
        ]

    @property
    def span(self) -> tuple[float, float]:
        """Epoch seconds of the first and the last step that count."""
        counted = [history.timestamps[history.graded] for history in self.histories]
        times = np.concatenate(counted)
        return float(times.min()), float(times.max())

    @property
    def threshold(self) -> float:
        """The threshold that the configuration says."""
        return self.config.threshold

    def alerted(self, threshold: float | None = None) -> Iterator[Alerted]:
        """Each series with the alerts that it would have had at a threshold, or as configured."""
        detector = Detector(at_threshold(self.config, threshold))
        for history in self.histories:
            said = detector.replay(history.timestamps, history.values)
            for row, (name, labels) in enumerate(zip(history.names, history.labels, strict=True)):
                incidents = history.incidents[row]
                yield Alerted(
                    timestamps=history.timestamps,
                    present=np.isfinite(history.values[row]) & history.graded,
                    alerting=begun_within(said.alerting[row], history.graded),
                    incidents=None
                    if incidents is None
                    else begun_within(incidents, history.graded),
                    labels=labels,
                    name=name,
                )

    def verdicts(self, place: int) -> Verdicts:
        """All that would have been said of one series, as the detector is configured."""
        history, row = self._places[place]
        values = history.values[row]
        said = Detector(self.config).replay(history.timestamps, values[None], detail=True)
        with np.errstate(invalid="ignore"):
            above, below = values > said.upper[0], values < said.lower[0]
        outside = {"above": above, "below": below, "both": above | below}
        return Verdicts(
            name=history.names[row],
            timestamps=history.timestamps,
            values=values,
            expected=said.expected[0],
            lower=said.lower[0],
            upper=said.upper[0],
            score=said.score[0],
            alerting=said.alerting[0],
            matters=outside[self.config.direction],
            views={name: scores[0] for name, scores in said.views.items()},
        )

    def incidents(self, place: int) -> Mask | None:
        """Where the file says that there were some."""
        history, row = self._places[place]
        return history.incidents[row]

    @cached_property
    def _places(self) -> Sequence[tuple[History, int]]:
        return [(history, row) for history in self.histories for row in range(len(history.names))]
