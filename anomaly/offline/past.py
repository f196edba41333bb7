"""The past that a command replays: series of files, judged as they are, or signals, as runs do.

Causal: what is said of a point depends on nothing after it. Signals go the way of a run from the
answers of Prometheus to what is told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig, at_threshold
from anomaly.config.signals import WatchedSignal
from anomaly.detector import Detector
from anomaly.incidents.track import Judged
from anomaly.labels import selector
from anomaly.offline.explain import Verdicts
from anomaly.offline.files import Recorded
from anomaly.offline.grade import Alerted, Mask, Vector, begun_within
from anomaly.offline.retold import Told, judge, open_at, retold, spans
from anomaly.pipeline.judge import Chunk, Outcome
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Key
from anomaly.prometheus.readings import Readings
from anomaly.settings import Settings

MOST_POINTS = 4_000_000
"""Points that are replayed at once, so that they fit into memory."""

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Name:
    """Which series."""

    text: str
    """As tables write it, and as `explain` reads it."""

    labels: Mapping[str, str]


@dataclass(frozen=True)
class FilesPast:
    """Series that nobody watches as a signal."""

    recorded: Sequence[Recorded]
    """All of them; neighbours with the same times are judged together."""

    config: DetectorConfig
    skip_seconds: float = 0.0
    """Time at the beginning of each that only teaches the detector."""

    @property
    def names(self) -> Sequence[Name]:
        """All series of all files."""
        return [Name(each.name, each.labels) for each in self.recorded]

    @property
    def span(self) -> tuple[float, float]:
        """Epoch seconds of the first and the last step that count."""
        times = np.concatenate([each.timestamps[self._counted(each)] for each in self.recorded])
        return float(times.min()), float(times.max())

    @property
    def threshold(self) -> float:
        """The threshold that the configuration says."""
        return self.config.threshold

    def alerted(self, threshold: float | None = None) -> Iterator[Alerted]:
        """Each series with the alerts that it would have had at a threshold, or as configured."""
        detector = Detector(at_threshold(self.config, threshold))
        for group in self._groups:
            values = np.stack([each.values for each in group])
            said = detector.replay(group[0].timestamps, values)
            for each, alerting in zip(group, said.alerting, strict=True):
                counted, incidents = self._counted(each), each.incidents
                yield Alerted(
                    timestamps=each.timestamps,
                    present=np.isfinite(each.values) & counted,
                    alerting=begun_within(alerting, counted),
                    incidents=None if incidents is None else begun_within(incidents, counted),
                    labels=each.labels,
                    name=each.name,
                )

    def verdicts(self, place: int) -> Verdicts:
        """All that would have been said of one series; every score is that of its own point."""
        each = self.recorded[place]
        config = self.config.model_copy(update={"peak_hold": False})
        said = Detector(config).replay(each.timestamps, each.values[None], detail=True)
        with np.errstate(invalid="ignore"):
            above, below = each.values > said.upper[0], each.values < said.lower[0]
        outside = {"above": above, "below": below, "both": above | below}
        return Verdicts(
            name=each.name,
            timestamps=each.timestamps,
            values=each.values,
            expected=said.expected[0],
            lower=said.lower[0],
            upper=said.upper[0],
            score=said.score[0],
            alerting=said.alerting[0],
            matters=outside[config.direction],
            views={name: scores[0] for name, scores in said.views.items()},
        )

    def incidents(self, place: int) -> Mask | None:
        """Where the file says that there were some."""
        return self.recorded[place].incidents

    def _counted(self, each: Recorded) -> Mask:
        counted: Mask = each.timestamps >= each.timestamps[0] + self.skip_seconds
        return counted

    @property
    def _groups(self) -> Iterator[list[Recorded]]:
        group: list[Recorded] = []
        for each in self.recorded:
            small = (len(group) + 1) * len(each.timestamps) <= MOST_POINTS
            if group and not (small and np.array_equal(group[0].timestamps, each.timestamps)):
                yield group
                group = []
            group.append(each)
        if group:
            yield group


@dataclass(frozen=True)
class SignalHistory:
    """One signal, as it was read."""

    signal: WatchedSignal

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


@dataclass(frozen=True)
class SignalsPast:
    """Signals whose alerts were decided together, as runs decide them."""

    histories: Sequence[SignalHistory]
    settings: Settings
    since: float
    """Epoch seconds of the tick that the first run looks at; what comes before only teaches."""

    @cached_property
    def names(self) -> Sequence[Name]:
        """All series of all signals."""
        return [
            Name(selector(history.signal.name, dict(key)), dict(key))
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

    def told(self, threshold: float | None = None) -> Sequence[Told]:
        """The alerts that people would have been told of, at a threshold or as configured."""
        if threshold is None:
            return self._configured
        return self._told(threshold)

    def alerted(self, threshold: float | None = None) -> Iterator[Alerted]:
        """Each series with the alerts that it would have had at a threshold, or as configured.

        Then what was said of several as a whole.
        """
        told = spans(self.told(threshold))
        for history in self.histories:
            name = history.signal.name
            for index, keys in enumerate(history.readings.chunks):
                reading = history.readings.chunk(index)
                counted = reading.timestamps >= self.since
                for key, values in zip(keys, reading.values, strict=True):
                    alerting = open_at(reading.timestamps, told.get((name, key), ()))
                    yield Alerted(
                        timestamps=reading.timestamps,
                        present=np.isfinite(values) & counted,
                        alerting=begun_within(alerting, counted),
                        labels=dict(key),
                        name=selector(name, dict(key)),
                    )
        yield from self._of_several(told)

    def _of_several(
        self, told: Mapping[tuple[str, Key], Sequence[tuple[float, float]]]
    ) -> Iterator[Alerted]:
        """Alerts of a signal as a whole: it had no series for a while, or others than before."""
        for history in self.histories:
            for (name, key), alerts in told.items():
                if name == history.signal.name and key not in history.places:
                    times = history.readings.timestamps
                    yield Alerted(
                        timestamps=times,
                        present=np.zeros(len(times), dtype=np.bool_),
                        alerting=begun_within(open_at(times, alerts), times >= self.since),
                        name=name,
                    )

    def verdicts(self, place: int) -> Verdicts:
        """All that would have been said of one series, as the detector is configured."""
        history, key = [(each, key) for each in self.histories for key in each.places][place]
        index, row = history.places[key]
        said: list[Judged] = []

        def listen(chunk: Chunk, _: Presence, outcome: Outcome) -> None:
            if key in chunk.keys:
                said.append(outcome.judged)

        judged = judge(history.signal, history.readings, self.settings, pass_on=listen)
        reading = history.readings.chunk(index)
        earlier = [
            each
            for each in retold([judged], self.settings, self._first_run(judged.times))
            if each.due < self.since
        ]
        told = spans([*earlier, *self._configured]).get((history.signal.name, key), ())

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
            alerting=open_at(reading.timestamps, told),
            matters=whole(judged.matters for judged in said),
            views={name: whole(judged.views[name] for judged in said) for name in said[0].views},
        )

    def incidents(self, place: int) -> None:
        """Nobody says."""

    def _first_run(self, times: Vector) -> float:
        """The tick of the first run that might have been, were the history that of the runs."""
        interval = self.settings.interval_minutes * 60
        return self.since - (self.since - float(times[0])) // interval * interval

    @cached_property
    def _configured(self) -> Sequence[Told]:
        return self._told(None)

    def _told(self, threshold: float | None) -> Sequence[Told]:
        judged = [
            judge(each.signal, each.readings, self.settings, threshold) for each in self.histories
        ]
        return retold(judged, self.settings, self.since)


Past = FilesPast | SignalsPast
"""Series with all their history, in an order that stays."""
