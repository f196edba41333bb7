"""Signals from Prometheus: read once, judged at any threshold as a run would have judged them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly import selector
from anomaly.config.detector import at_threshold
from anomaly.config.signals import WatchedSignal
from anomaly.detector import Detector
from anomaly.incidents.track import NEVER
from anomaly.offline.alerted import Alerted
from anomaly.offline.explain import Verdicts
from anomaly.offline.past import Name
from anomaly.offline.spans import Mask, Vector, begun_within
from anomaly.pipeline.chunks import Chunk, Method, Outcome
from anomaly.pipeline.judging import WHOLE, Judging, PassOn
from anomaly.pipeline.preparation import Judged, Preparation
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Key
from anomaly.prometheus.readings import Readings
from anomaly.run.decide import rarest
from anomaly.settings import Settings

T = TypeVar("T", bound=np.generic)

Told = Mapping[tuple[str, Key], Sequence[tuple[float, float]]]
"""By signal and series: since when and until when alerts of it were told."""


@dataclass(frozen=True)
class SignalHistory:
    """One signal, as it was read."""

    signal: WatchedSignal
    """Which signal."""

    readings: Readings
    """Its history; at least one step."""

    @cached_property
    def places(self) -> Mapping[Key, tuple[int, int]]:
        """All series that it ever had: in which chunk each is, and in which row of it."""
        return {
            key: (index, row)
            for index, keys in enumerate(self.readings.chunks)
            for row, key in enumerate(keys)
        }


def judge(
    history: SignalHistory,
    settings: Settings,
    threshold: float | None = None,
    pass_on: PassOn = lambda *_: None,
) -> Judging:
    """Judge a signal's whole history as runs would have done, one after the other.

    Args:
        history: of the signal.
        settings: of the run.
        threshold: instead of the one that is configured.
        pass_on: takes every verdict.
    """
    alerting = settings.alerting
    preparation = Preparation.of(history.signal)
    rules = alerting.rules(
        step_seconds=settings.step_seconds, remembered_seconds=settings.lookback_seconds
    )
    method = Method(preparation, settings.masks, rules, alerting.dead_after_seconds)
    config = preparation.config(settings.detector_of(history.signal))
    detector = Detector(at_threshold(config, threshold))
    judging = Judging(detector, method, None, lately=-NEVER)
    judging.judge(history.readings, pass_on, lambda _: None)
    return judging


@dataclass(frozen=True)
class SignalsPast:
    """Signals whose alerts were decided together, as a run decides them."""

    histories: Sequence[SignalHistory]
    """All of them."""

    settings: Settings
    """Of the run."""

    since: float
    """Epoch seconds from which on alerts count; what comes before only teaches the detector."""

    @cached_property
    def names(self) -> Sequence[Name]:
        """All series of all signals."""
        return [
            Name(selector.text(history.signal.name, dict(key)), dict(key))
            for history in self.histories
            for key in history.places
        ]

    @property
    def span(self) -> tuple[float, float]:
        """Epoch seconds of the first and the last step that count."""
        ends = (float(history.readings.timestamps[-1]) for history in self.histories)
        return self.since, max(ends)

    @property
    def threshold(self) -> float:
        """The threshold that the configuration says; the common one where signals differ."""
        own = {self.settings.detector_of(each.signal).threshold for each in self.histories}
        return own.pop() if len(own) == 1 else self.settings.detector.threshold

    def alerted(self, threshold: float | None = None) -> Iterator[Alerted]:
        """Each series with the alerts that it would have had at a threshold, or as configured."""
        told = self._configured if threshold is None else self._told(threshold)
        for history in self.histories:
            name = history.signal.name
            for index, keys in enumerate(history.readings.chunks):
                reading = history.readings.chunk(index)
                counted = reading.timestamps >= self.since
                for key, values in zip(keys, reading.values, strict=True):
                    alerting = _open(reading.timestamps, told.get((name, key), ()))
                    yield Alerted(
                        timestamps=reading.timestamps,
                        present=np.isfinite(values) & counted,
                        alerting=begun_within(alerting, counted),
                        labels=dict(key),
                        name=selector.text(name, dict(key)),
                    )
        yield from self._silences(told)

    def _silences(self, told: Told) -> Iterator[Alerted]:
        """Signals that had no series at all for a while, which is one alert for all of them."""
        for history in self.histories:
            silences = told.get((history.signal.name, WHOLE))
            if silences and WHOLE not in history.places:
                times = history.readings.timestamps
                yield Alerted(
                    timestamps=times,
                    present=np.zeros(len(times), dtype=np.bool_),
                    alerting=begun_within(_open(times, silences), times >= self.since),
                    name=history.signal.name,
                )

    def verdicts(self, place: int) -> Verdicts:
        """All that would have been said of one series, as the detector is configured."""
        history, key = [(each, key) for each in self.histories for key in each.places][place]
        index, row = history.places[key]
        said: list[Judged] = []

        def listen(chunk: Chunk, _: Presence, outcome: Outcome) -> None:
            if key in chunk.keys:
                said.append(outcome.judged)

        judge(history, self.settings, pass_on=listen)
        reading = history.readings.chunk(index)
        told = self._configured.get((history.signal.name, key), ())

        def whole(parts: Iterable[NDArray[T]]) -> NDArray[T]:
            return np.concatenate([part[row] for part in parts])

        return Verdicts(
            name=self.names[place].text,
            timestamps=reading.timestamps,
            values=reading.values[row],
            expected=whole(judged.expected for judged in said),
            lower=whole(judged.lower for judged in said),
            upper=whole(judged.upper for judged in said),
            score=whole(judged.score for judged in said),
            alerting=_open(reading.timestamps, told),
            matters=whole(judged.matters for judged in said),
            views={name: whole(judged.views[name] for judged in said) for name in said[0].views},
        )

    def incidents(self, place: int) -> None:
        """Nobody says."""

    @cached_property
    def _configured(self) -> Told:
        return self._told(None)

    def _told(self, threshold: float | None) -> Told:
        """Since when and until when each series had alerts that were told."""
        said = [judge(history, self.settings, threshold) for history in self.histories]
        incidents = (episode.incident for each in said for episode in each.episodes)
        tested = (each.tested for each in said)
        rare_enough, _ = rarest(incidents, tested, None, self.settings, self.span[1])
        told: dict[tuple[str, Key], list[tuple[float, float]]] = {}
        for history, verdicts in zip(self.histories, said, strict=True):
            for key, incident in ((each.key, each.incident) for each in verdicts.episodes):
                due, until = incident.due(rare_enough), incident.until or NEVER
                if due < until:
                    told.setdefault((history.signal.name, key), []).append((due, until))
        return told


def _open(times: Vector, told: Sequence[tuple[float, float]]) -> Mask:
    """Where alerts were open: from the tick at which they were told until they were over."""
    alerting = np.zeros(len(times), dtype=np.bool_)
    for due, until in told:
        alerting |= (times >= due) & (times < until)
    return alerting
