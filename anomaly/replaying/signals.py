"""Signals from Prometheus: read once, judged at any threshold as a run would have judged them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from anomaly import selector
from anomaly.alerting.fdr import Memory, limits
from anomaly.alerting.incidents import NEVER, Rules
from anomaly.blocks import Block, Key
from anomaly.chunks import Episode, Method
from anomaly.config import at_threshold
from anomaly.detector import Detector
from anomaly.explaining import Verdicts
from anomaly.grading.alerted import Alerted
from anomaly.preparation import Judged, Preparation
from anomaly.replaying.past import Name
from anomaly.roster import Roster
from anomaly.settings import Settings
from anomaly.signals import WatchedSignal
from anomaly.spans import Mask, Vector, begun_within

Told = Mapping[tuple[str, Key], Sequence[tuple[float, float]]]
"""By signal and series: since when and until when alerts of it were told."""


@dataclass(frozen=True)
class SignalHistory:
    """One signal, as it was read."""

    signal: WatchedSignal
    """Which signal."""

    blocks: tuple[Block, ...]
    """Its history, block after block; at least one."""

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """All series that it ever had."""
        return tuple(dict.fromkeys(key for block in self.blocks for key in block.keys))

    @cached_property
    def timestamps(self) -> Vector:
        """All steps."""
        return np.concatenate([block.timestamps for block in self.blocks])

    def values(self, key: Key) -> Vector:
        """The values of one series."""
        return np.concatenate(
            [
                block.values[rows[key]] if key in rows else np.full(len(block.timestamps), np.nan)
                for block, rows in zip(self.blocks, self._rows, strict=True)
            ]
        )

    @cached_property
    def _rows(self) -> list[Mapping[Key, int]]:
        """Where each series lies in each block."""
        return [{key: row for row, key in enumerate(block.keys)} for block in self.blocks]


@dataclass
class SignalVerdicts:
    """What was said of a signal at one threshold."""

    episodes: list[Episode] = field(default_factory=list)
    """All incidents, told or not."""

    tested: Counter[float] = field(default_factory=Counter)
    """By tick, how many series were judged."""

    judged: list[tuple[Judged, int]] = field(default_factory=list)
    """The verdicts on the one series that is wanted: blocks, and its row in them."""


def judge(
    history: SignalHistory,
    settings: Settings,
    threshold: float | None = None,
    wanted: Key | None = None,
) -> SignalVerdicts:
    """Judge a signal's whole history as runs would have done, one after the other.

    Args:
        history: of the signal.
        settings: of the run.
        threshold: instead of the one that is configured.
        wanted: the series of which everything is kept.
    """
    alerting = settings.alerting
    preparation = Preparation.of(history.signal)
    method = Method(
        preparation,
        settings.masks,
        Rules(alerting.prominent_score, alerting.persistent_points, settings.lookback_seconds),
        alerting.dead_after_seconds,
    )
    config = preparation.config(settings.detector_of(history.signal))
    roster = Roster(Detector(at_threshold(config, threshold)), None)
    found = SignalVerdicts()
    for block in history.blocks:
        found.episodes += roster.listen(block, method)
        for chunk, _, outcome in roster.judge(block, method):
            found.episodes += outcome.ended
            times = outcome.judged.timestamps.tolist()
            found.tested.update(dict(zip(times, outcome.tested.tolist(), strict=True)))
            if wanted in chunk.keys:
                found.judged.append((outcome.judged, chunk.keys.index(wanted)))
    found.episodes += roster.open
    return found


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
    def _places(self) -> list[tuple[SignalHistory, Key]]:
        return [(history, key) for history in self.histories for key in history.keys]

    @cached_property
    def names(self) -> Sequence[Name]:
        """All series of all signals."""
        return [
            Name(selector.text(history.signal.name, dict(key)), dict(key))
            for history, key in self._places
        ]

    @property
    def span(self) -> tuple[float, float]:
        """Epoch seconds of the first and the last step that count."""
        return self.since, max(float(history.timestamps[-1]) for history in self.histories)

    @property
    def threshold(self) -> float:
        """The threshold that the configuration says; the common one where signals differ."""
        own = {self.settings.detector_of(each.signal).threshold for each in self.histories}
        return own.pop() if len(own) == 1 else self.settings.detector.threshold

    def alerted(self, threshold: float | None = None) -> Iterator[Alerted]:
        """Each series with the alerts that it would have had at a threshold, or as configured."""
        told = self._configured if threshold is None else self._told(threshold)
        for place, (history, key) in enumerate(self._places):
            counted = history.timestamps >= self.since
            alerting = _open(history.timestamps, told.get((history.signal.name, key), ()))
            yield Alerted(
                timestamps=history.timestamps,
                present=np.isfinite(history.values(key)) & counted,
                alerting=begun_within(alerting, counted),
                labels=self.names[place].labels,
                name=self.names[place].text,
            )

    def verdicts(self, place: int) -> Verdicts:
        """All that would have been said of one series, as the detector is configured."""
        history, key = self._places[place]
        said = judge(history, self.settings, wanted=key).judged
        times, told = history.timestamps, self._configured.get((history.signal.name, key), ())
        names = dict.fromkeys(name for judged, _ in said for name in judged.views)
        return Verdicts(
            name=self.names[place].text,
            timestamps=times,
            values=history.values(key),
            expected=_whole([judged.expected[row] for judged, row in said], len(times)),
            lower=_whole([judged.lower[row] for judged, row in said], len(times)),
            upper=_whole([judged.upper[row] for judged, row in said], len(times)),
            score=_whole([judged.score[row] for judged, row in said], len(times)),
            alerting=_open(times, told),
            views={
                name: _whole([judged.views[name][row] for judged, row in said], len(times))
                for name in names
            },
        )

    def incidents(self, place: int) -> None:
        """Nobody says."""

    @cached_property
    def _configured(self) -> Told:
        return self._told(None)

    def _told(self, threshold: float | None) -> Told:
        """Since when and until when each series had alerts that were told."""
        said = [judge(history, self.settings, threshold) for history in self.histories]
        rarest = self._rarest(said)
        told: dict[tuple[str, Key], list[tuple[float, float]]] = {}
        for history, verdicts in zip(self.histories, said, strict=True):
            for key, incident in ((each.key, each.incident) for each in verdicts.episodes):
                due, until = incident.due(rarest), incident.until or NEVER
                if due < until:
                    told.setdefault((history.signal.name, key), []).append((due, until))
        return told

    def _rarest(self, said: Sequence[SignalVerdicts]) -> Mapping[float, float]:
        """By tick, how likely a new incident may be to be told at once."""
        tested = sum((each.tested for each in said), Counter[float]())
        control = self.settings.alerting.false_discovery
        if control is None or not tested:
            return dict.fromkeys(tested, 1.0)
        candidates: dict[float, list[float]] = {}
        for incident in (episode.incident for each in said for episode in each.episodes):
            candidates.setdefault(incident.since, []).append(incident.probability)
        before = Memory(min(tested) - self.settings.step_seconds, control.rate)
        rarest, _ = limits(
            candidates,
            tested,
            before,
            rate=control.rate,
            half_life_seconds=control.half_life_seconds,
        )
        return rarest


def _open(times: Vector, told: Sequence[tuple[float, float]]) -> Mask:
    """Where alerts were open: from the tick at which they were told until they were over."""
    alerting = np.zeros(len(times), dtype=np.bool_)
    for due, until in told:
        alerting |= (times >= due) & (times < until)
    return alerting


def _whole(parts: Sequence[Vector], length: int) -> Vector:
    """Blocks of a series one after the other; unknown before its first."""
    missing = length - sum(len(part) for part in parts)
    return np.concatenate([np.full(missing, np.nan), *parts])
