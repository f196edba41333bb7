"""The detector, had its threshold been another."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from anomaly.config import DetectorConfig
from anomaly.detector import THRESHOLD, Detector, Replay


def detector_at(config: DetectorConfig, threshold: float) -> Detector:
    """The detector of a configuration, with another threshold for its score."""
    return Shifted(config, threshold)


@dataclass(frozen=True)
class Shifted(Detector):
    """A detector whose scores are held against another threshold."""

    threshold: float = THRESHOLD
    """Score from which on a point speaks for an alert."""

    def replay(self, timestamps: ArrayLike, values: ArrayLike, *, detail: bool = True) -> Replay:
        """As the detector does."""
        said = super().replay(timestamps, values, detail=detail)
        if self.threshold == THRESHOLD:
            return said
        score = said.score / self.threshold
        with np.errstate(invalid="ignore"):
            return replace(said, score=score, alerting=score > THRESHOLD)
