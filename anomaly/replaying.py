"""Replaying history: what the detector would have said, had it run all the time."""

from dataclasses import dataclass

import numpy as np

from anomaly.config import DetectorConfig
from anomaly.detector import THRESHOLD, Detector, Replay
from anomaly.explaining import Verdicts
from anomaly.history import History
from anomaly.spans import Mask


@dataclass(frozen=True)
class Replayed:
    """History with what the detector said of it."""

    history: History
    """What was replayed."""

    replay: Replay
    """What was said."""

    def alerting(self, threshold: float = THRESHOLD) -> Mask:
        """Where alerts would have been open, (series, time), had the threshold been another."""
        if threshold == THRESHOLD:
            return self.replay.alerting
        with np.errstate(invalid="ignore"):
            return self.replay.score > threshold

    def verdicts(self, row: int) -> Verdicts:
        """All that was said of one series."""
        replay = self.replay
        return Verdicts(
            name=self.history.names[row],
            timestamps=self.history.timestamps,
            values=self.history.values[row],
            expected=replay.expected[row],
            lower=replay.lower[row],
            upper=replay.upper[row],
            score=replay.score[row],
            alerting=replay.alerting[row],
            views={name: scores[row] for name, scores in replay.by_method.items()},
        )


def replay(history: History, config: DetectorConfig) -> Replayed:
    """Replay all series of some history, causally: no point knows of what comes after it."""
    return Replayed(history, Detector(config).replay(history.timestamps, history.values))
