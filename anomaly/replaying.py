"""Replaying history: what the detector would have said, had it run all the time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomaly.config import DetectorConfig
from anomaly.detector import THRESHOLD, Detector
from anomaly.explaining import Verdicts
from anomaly.history import History
from anomaly.preparation import Preparation
from anomaly.settings import Settings
from anomaly.spans import Mask
from anomaly.windows import Matrix


@dataclass(frozen=True)
class Replayed:
    """History with what the detector said of it; all arrays are (series, time)."""

    history: History
    """What was replayed."""

    score: Matrix
    expected: Matrix
    lower: Matrix
    upper: Matrix

    open: Mask
    """Where an alert was open."""

    views: Mapping[str, Matrix]
    """Score of each view; empty unless they were asked for."""

    def alerting(self, threshold: float = THRESHOLD) -> Mask:
        """Where alerts would have been open, had the threshold been another."""
        if threshold == THRESHOLD:
            return self.open
        with np.errstate(invalid="ignore"):
            return self.score > threshold

    def verdicts(self, row: int) -> Verdicts:
        """All that was said of one series."""
        return Verdicts(
            name=self.history.names[row],
            timestamps=self.history.timestamps,
            values=self.history.values[row],
            expected=self.expected[row],
            lower=self.lower[row],
            upper=self.upper[row],
            score=self.score[row],
            alerting=self.open[row],
            views={name: scores[row] for name, scores in self.views.items()},
        )


def replay(history: History, settings: Settings) -> Replayed:
    """Replay all series of some history, causally: no point knows of what comes after it.

    Series of a signal are prepared as a run prepares them; others are judged as they are.
    """
    if history.signal is None:
        return _plain(history, settings.detector)
    preparation = Preparation.of(history.signal)
    config = preparation.config(settings.detector_of(history.signal))
    times, values, traffic = history.timestamps, history.values, history.traffic
    said = Detector(config).replay(times, preparation.seen(values, traffic))
    judged = preparation.judged(times, values, traffic, said)
    return Replayed(
        history=history,
        score=judged.score,
        expected=judged.expected,
        lower=judged.lower,
        upper=judged.upper,
        open=judged.alerting,
        views=judged.views,
    )


def _plain(history: History, config: DetectorConfig) -> Replayed:
    said = Detector(config).replay(history.timestamps, history.values)
    return Replayed(
        history=history,
        score=said.score,
        expected=said.expected,
        lower=said.lower,
        upper=said.upper,
        open=said.alerting,
        views=said.views,
    )
