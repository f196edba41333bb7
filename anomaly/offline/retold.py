"""What runs would have told of the past, had there been one every few minutes all the time.

Signals are judged once, from the beginning of their history; then it is decided, run after run and
by what a run itself decides with, what was told. A run at which nothing begins, ends or comes due
decides as the one before, and is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from anomaly.config.signals import WatchedSignal
from anomaly.detector.arrays import Times
from anomaly.incidents.ledger import Ledger
from anomaly.incidents.track import NEVER, Flags, Incident
from anomaly.pipeline.judge import (
    Chunk,
    Episode,
    Findings,
    Judging,
    Method,
    Outcome,
    PassOn,
)
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Key, key_of
from anomaly.prometheus.readings import Readings
from anomaly.run.decide import tell
from anomaly.run.watch import DAY
from anomaly.settings import Settings


@dataclass(frozen=True)
class Told:
    """An alert as people were told of it."""

    key: str
    signal: str

    series: Key
    """Which series; none where it is about several."""

    due: float
    """Epoch seconds of the tick at which it was to be told."""

    until: float = NEVER


@dataclass
class Judged:
    """One signal, judged from the beginning of its history to its end."""

    signal: WatchedSignal

    times: Times
    judging: Judging

    present: list[tuple[tuple[Key, ...], Flags]] = field(default_factory=list)
    """For each slice of series, where they had values; they end with the history."""

    def there(self, newest: float) -> Mapping[Key, int]:
        """Series that had a value at a tick, and how many they had had by then."""
        back = len(self.times) - 1 - int(np.searchsorted(self.times, newest))
        found: dict[Key, int] = {}
        for keys, present in self.present:
            end = present.shape[1] - back
            if end > 0:
                rows = np.flatnonzero(present[:, end - 1])
                points = np.count_nonzero(present[rows, :end], axis=1)
                found |= {keys[row]: int(count) for row, count in zip(rows, points, strict=True)}
        return found

    @property
    def changes(self) -> Times:
        """Epoch seconds of ticks at which other series had values than at the one before."""
        changed = np.zeros(len(self.times), np.bool_)
        for _, present in self.present:
            first = len(self.times) - present.shape[1]
            changed[first + 1 :] |= (present[:, 1:] != present[:, :-1]).any(axis=0)
        return self.times[changed]


def judge(
    signal: WatchedSignal,
    readings: Readings,
    settings: Settings,
    threshold: float | None = None,
    pass_on: PassOn = lambda *_: None,
) -> Judged:
    """Judge all that was read of a signal."""
    judged = Judged(signal, readings.timestamps, Judging(Method.of(signal, settings, threshold)))
    parts: list[Flags] = []

    def listen(chunk: Chunk, before: Presence, outcome: Outcome) -> None:
        parts.append(~np.isnan(outcome.judged.values))
        if outcome.judged.timestamps[-1] == judged.times[-1]:
            judged.present.append((chunk.keys, np.concatenate(parts, axis=1)))
            parts.clear()
        pass_on(chunk, before, outcome)

    judged.judging.judge(readings, listen)
    return judged


def retold(judged: Sequence[Judged], settings: Settings, since: float) -> list[Told]:
    """What was told by runs: the first looked at a tick, the last at the end of the history."""
    interval, step = settings.interval_minutes * 60.0, settings.step_seconds
    end = max(one.times[-1] for one in judged)
    runs = since + np.arange((end - since) // interval + 1) * interval
    moments = np.unique(np.append(runs // step * step, end))
    found: dict[str, Told] = {}
    ledger, before = Ledger(remembers=False), -NEVER
    snapshots = [_Snapshots(one) for one in judged]
    for place in _eventful(judged, moments):
        newest = float(moments[place])
        fresh = float(moments[place - 1]) if place else newest - interval
        findings = [each.at(newest, fresh, max(before, newest - DAY - 1)) for each in snapshots]
        tale = tell(findings, ledger, settings, newest)
        ledger, before = replace(tale.ledger, remembers=True), newest
        for alert, due in tale.beginnings:
            # What was excused so far is told by the run that finds it is so no more.
            moment = newest if place and due <= fresh else due
            told = Told(alert.key, alert.signal, key_of(alert.labels), moment)
            found.setdefault(alert.key, told)
        for key, alert in ledger.alerts.items():
            if alert.until is not None:
                found[key] = replace(found[key], until=alert.until)
    return list(found.values())


def _eventful(judged: Iterable[Judged], moments: Times) -> list[int]:
    """The places of runs whose decision may be another than that of the run before."""
    times: list[float] = [float(moments[0])]
    for one in judged:
        gone = []
        for episode in one.judging.episodes:
            incident = episode.incident
            until = NEVER if incident.until is None else incident.until
            times += (incident.since, incident.prominent, incident.persistent, until)
            if incident.peak.direction == "absent":
                gone.append((incident.since, until))
        if gone:
            changes = one.changes
            for since, until in gone:
                times += changes[(changes >= since) & (changes <= until)].tolist()
    places = np.searchsorted(moments, np.unique(times))
    eventful: list[int] = np.unique(places[places < len(moments)]).tolist()
    return eventful


class _Snapshots:
    """What a run that looks at a tick knows of a signal."""

    def __init__(self, judged: Judged) -> None:
        self._judged, self._episodes = judged, judged.judging.episodes
        incidents = [each.incident for each in self._episodes]
        self._since = np.array([each.since for each in incidents])
        self._until = np.array([NEVER if each.until is None else each.until for each in incidents])
        self._ticks = np.array(sorted(judged.judging.tested))
        self._counts = [judged.judging.tested[tick] for tick in self._ticks.tolist()]

    def at(self, newest: float, fresh: float, tested_after: float) -> Findings:
        """That of a run after one that looked at the tick `fresh`."""
        known = (self._since <= newest) & (self._until > newest - DAY)
        episodes = [
            Episode(self._episodes[place].key, _known(self._episodes[place].incident, newest))
            for place in np.flatnonzero(known)
        ]
        gone = any(each.incident.peak.direction == "absent" for each in episodes)
        part = slice(*np.searchsorted(self._ticks, (tested_after, newest), side="right"))
        return Findings(
            self._judged.signal,
            fresh,
            until=newest,
            episodes=episodes,
            tested=dict(zip(self._ticks[part].tolist(), self._counts[part], strict=True)),
            there=self._judged.there(newest) if gone else {},
        )


def _known(incident: Incident, newest: float) -> Incident:
    """What of an incident had come about by a tick."""
    return replace(
        incident,
        until=None if incident.until is None or incident.until > newest else incident.until,
        prominent=incident.prominent if incident.prominent <= newest else NEVER,
        persistent=incident.persistent if incident.persistent <= newest else NEVER,
    )


def spans(told: Iterable[Told]) -> Mapping[tuple[str, Key], Sequence[tuple[float, float]]]:
    """By signal and series: since when and until when alerts were open."""
    found: dict[tuple[str, Key], list[tuple[float, float]]] = {}
    for each in told:
        found.setdefault((each.signal, each.series), []).append((each.due, each.until))
    return found


def open_at(times: Times, told: Iterable[tuple[float, float]]) -> Flags:
    """Where alerts were open: from the tick at which they were told until they were over."""
    alerting = np.zeros(len(times), dtype=np.bool_)
    for due, until in told:
        alerting |= (times >= due) & (times < until)
    return alerting
