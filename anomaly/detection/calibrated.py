"""The default method: several views of each series, fused into one calibrated score, with an alarm.

A stream judges consecutive ticks of some series. It works in stretches between refreshes, whose
places follow from the number of the tick alone, so portions of any size give the same bits.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from anomaly.config import DetectorConfig
from anomaly.detection import calibration
from anomaly.detection.alarm import Alarm, Evidence, Rule, Ticks
from anomaly.detection.arrays import Block, Flags, Row, Times
from anomaly.detection.history import Counts, History, Portion
from anomaly.detection.hold import decay, hold
from anomaly.detection.judged import Judged, joined
from anomaly.detection.memory import LEVEL, PREFERRED, Knowledge, Memory
from anomaly.detection.recurrence import LONGEST_STEP, Recurrence, horizon
from anomaly.detection.season import SEASONS, Calendar
from anomaly.detection.views import PLACES, VIEWS, Stretch

FIRST_STRETCH, LONGEST_STRETCH = 8, 256
GROWTH = 8
"""A refresh comes when the past has grown by an eighth, within these bounds."""

LARGEST = 1e30
"""Values end here, so that nothing made of them is beyond what numbers can say."""

LESSONS = 3
"""Ticks of an incident that the series' bound learns from: what comes often becomes usual, and one
long incident does not."""

SILENT = 24
"""Values of a series before it is judged at all."""

SHORT = PLACES["short"]

MOST_NEEDED = max(view.needs for view in VIEWS)

SEED = 64
"""Values from which a new level is learnt."""


class CalibratedStream:
    """Judges what comes, tick after tick."""

    def __init__(self, config: DetectorConfig, series: int) -> None:
        self._config = config
        self._calendar = Calendar(config.zone)
        self._tick = self._refresh_at = 0
        self._history = History.empty(series)
        self._memory = Memory.empty(series)
        self._recurrence = Recurrence.empty(series)
        self._alarm = Alarm.silent(series)
        self._held: Row = np.zeros(series)
        self._knowledge: Knowledge | None = None

    @property
    def series(self) -> int:
        """How many are judged."""
        return len(self._held)

    def feed(self, times: Times, values: Block, *, detail: bool = False) -> Judged:
        """Judge the ticks that follow."""
        if not len(times):
            return self._wait(slice(0, 0), np.zeros(values.shape, np.bool_), detail=detail)
        known = np.where(np.isinf(values), np.nan, np.clip(values, -LARGEST, LARGEST))
        portion = self._history.extend(times, known)
        self._recurrence.extend(len(times))
        parts = []
        done = 0
        while done < len(times):
            if self._tick == self._refresh_at:
                self._refresh(portion.began + done)
            ticks = min(self._refresh_at - self._tick, len(times) - done, self._most())
            parts.append(self._judge(portion, slice(done, done + ticks), detail=detail))
            done += ticks
            self._tick += ticks
        self._history.trim()
        self._recurrence.trim()
        return joined(parts)

    def _most(self) -> int:
        """Ticks that may be judged at a time."""
        known = self._knowledge
        if known is None or known.step > LONGEST_STEP:
            return LONGEST_STRETCH
        return horizon(known.step)

    def _refresh(self, at: int) -> None:
        stretch = min(max(self._tick // GROWTH, FIRST_STRETCH), LONGEST_STRETCH)
        self._refresh_at = self._tick + stretch
        if self._knowledge is not None:
            self._accept_shifts(at, self._knowledge.step)
        self._knowledge = self._memory.knowledge(self._history, at, self._tick, self._knowledge)

    def _accept_shifts(self, at: int, step: float) -> None:
        """What has lasted for so long is the new normal; learn it."""
        patience = max(self._config.shift_least_points, round(self._config.shift_seconds / step))
        lasting = self._alarm.on & (self._tick - self._alarm.since >= patience)
        if lasting.any():
            self._memory.relearn(lasting, self._history.values[max(0, at - SEED) : at])
            self._alarm.since = np.where(lasting, self._tick, self._alarm.since)

    def _judge(self, portion: Portion, part: slice, *, detail: bool) -> Judged:
        at = slice(portion.began + part.start, portion.began + part.stop)
        known, present = self._knowledge, portion.present[part]
        if known is None:
            return self._wait(at, present, detail=detail)
        values = self._history.stretch(at)
        seasonal = self._seasonal(at, present, known)
        stretch = Stretch(values, known.level, known.least, known.forecast, seasonal)
        fresh = self._history.fresh(portion, part, known.step)
        loudness = self._loudness(stretch, present, portion.ages[part], fresh, known)
        strength = np.where(portion.ages[part] > SILENT, _fused(loudness), np.nan)
        self._recurrence.put(at, strength)
        bound = self._bound(at, known) * self._config.threshold
        score = np.nan_to_num(strength / bound)
        expected, usual = _expectation(stretch, known, fresh)
        alerting, since = self._alerting(
            stretch.back(0) - expected, score, present, expected, known
        )
        lesson = ~alerting | (score < self._config.recovery_score) | self._begins(since)
        self._memory.strengths.add(self._tick, np.where(lesson, strength, np.nan))
        reach = usual * np.where(np.isinf(bound), np.nan, bound)
        return Judged(
            np.where(present, self._shown(score, known.step), np.nan),
            alerting,
            expected,
            expected - reach,
            expected + reach,
            _named(loudness / bound) if detail else {},
        )

    def _begins(self, since: Ticks) -> Flags:
        """Which of the ticks are the first of their incident: what comes after teaches nothing."""
        number = np.arange(self._tick, self._tick + len(since))[:, None]
        begins: Flags = number - since < LESSONS
        return begins

    def _bound(self, at: slice, known: Knowledge) -> Block:
        """The strength that scores 1: that of the series, or what recurs daily if that is more."""
        if known.step > LONGEST_STEP or not known.seasons:
            return np.broadcast_to(known.bound, (at.stop - at.start, len(known.bound)))
        usual = self._recurrence.usual(self._history.times, at, known.step, self._calendar)
        return np.maximum(known.bound, calibration.MARGIN * usual)

    def _wait(self, at: slice, present: Flags, *, detail: bool) -> Judged:
        """Nothing is known: not even how far apart the ticks are."""
        residuals = np.full((len(VIEWS), *present.shape), np.nan)
        residuals[LEVEL] = np.where(present, self._history.values[at], np.nan)
        self._memory.residuals.add(self._tick, np.moveaxis(residuals, 0, 1))
        unknown = np.full(present.shape, np.nan)
        silence = np.where(present, 0.0, np.nan)
        quiet = np.zeros(present.shape, np.bool_)
        views = _named(np.full(residuals.shape, np.nan)) if detail else {}
        return Judged(silence, quiet, unknown, unknown, unknown, views)

    def _seasonal(self, at: slice, present: Flags, known: Knowledge) -> Block | None:
        """What the season says of the ticks and the one before; learns how well each speaks."""
        if not known.seasons:
            return None
        history, wider = self._history, slice(at.start - 1, at.stop)
        voices = np.full((len(SEASONS), at.stop - wider.start, len(known.level)), np.nan)
        for place, season in enumerate(SEASONS[: known.seasons]):
            voices[place] = season.says(history, wider, known.step, self._calendar)
        distances = np.where(present, history.values[at] - voices[:, 1:], np.nan)
        self._memory.seasons.add(self._tick, np.moveaxis(distances, 0, 1))
        daily, weekly = voices
        chosen: Block = np.where(known.by_week & ~np.isnan(weekly), weekly, daily)
        return chosen

    def _loudness(
        self, stretch: Stretch, present: Flags, ages: Counts, fresh: Counts, known: Knowledge
    ) -> Block:
        """How loud each view is, in units of its usual size; NaN where mute. Remembers them.

        Args:
            stretch: the ticks.
            present: where a value came.
            ages: values that had come.
            fresh: those of them since the last long gap.
            known: usual sizes.

        Returns:
            (views, time, series)
        """
        whole = bool((fresh >= MOST_NEEDED).all() and present.all())
        residuals = np.full((len(VIEWS), *present.shape), np.nan)
        hushed = np.zeros((len(VIEWS), *present.shape), np.bool_)
        for place, view in enumerate(VIEWS):
            residual = view.residual(stretch)
            if residual is not None and whole:
                residuals[place] = residual
            elif residual is not None:
                sees = present & (ages >= view.needs)
                residuals[place] = np.where(sees, residual, np.nan)
                hushed[place] = sees & (fresh < view.needs) & view.neighbours
        seen = residuals if whole else np.where(hushed, np.nan, residuals)
        self._memory.residuals.add(self._tick, np.moveaxis(seen, 0, 1))
        residuals -= known.centres[:, None]
        residuals[hushed] *= 0.0  # quiet, but still mute where it cannot see
        np.abs(residuals, out=residuals)
        peaks = np.fmax.reduce(residuals, axis=1)
        peaks[np.isnan(known.scales)] = np.nan  # nor is the middle known
        self._memory.newest_peaks = np.fmax(self._memory.newest_peaks, peaks)
        residuals /= known.scales[:, None]
        return np.minimum(residuals, calibration.STRONGEST, out=residuals)

    def _shown(self, score: Block, step: float) -> Block:
        if not self._config.peak_hold:
            return score
        held = hold(score, self._held, decay(step))
        self._held = held[-1]
        return held

    def _alerting(
        self, deviation: Block, score: Block, present: Flags, expected: Block, known: Knowledge
    ) -> tuple[Flags, Ticks]:
        config = self._config
        size = np.abs(deviation)
        matters = (size >= config.min_absolute_deviation) & (
            size >= config.min_relative_deviation * np.abs(expected)
        )
        if config.direction != "both":
            matters &= (deviation > 0) if config.direction == "above" else (deviation < 0)
        hot = present & (score > 1) & matters
        evidence = Evidence(
            hot=hot,
            certain=hot & (score > config.certain_score),
            low=present & (score < config.recovery_score),
            present=present,
        )
        window = max(1, round(config.trigger_seconds / known.step))
        least = math.ceil(config.trigger_fraction * window)
        recovery = max(config.recovery_points, round(config.recovery_seconds / known.step))
        rule = Rule(window, least, recovery)
        return self._alarm.judge(self._tick, evidence, rule)

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that is needed to go on."""
        parts = {
            "history": self._history.state(),
            "memory": self._memory.state(),
            "recurrence": self._recurrence.state(),
            "alarm": self._alarm.state(),
            "knowledge": {} if self._knowledge is None else self._knowledge.state(),
            "stream": {"ticks": np.array([self._tick, self._refresh_at]), "held": self._held},
        }
        return {
            f"{part}/{key}": value for part, all_ in parts.items() for key, value in all_.items()
        }

    @classmethod
    def restored(
        cls, config: DetectorConfig, state: Mapping[str, NDArray[np.generic]]
    ) -> "CalibratedStream":
        """The stream that gave that state; any exception means that the state is damaged."""

        def part(name: str) -> dict[str, NDArray[np.generic]]:
            start = f"{name}/"
            return {key[len(start) :]: state[key] for key in state if key.startswith(start)}

        own = part("stream")
        stream = cls(config, len(own["held"]))
        stream._tick, stream._refresh_at = (int(tick) for tick in own["ticks"])
        stream._held = np.array(own["held"], np.float64)
        stream._history = History.restored(part("history"))
        stream._memory = Memory.restored(part("memory"))
        stream._recurrence = Recurrence.restored(part("recurrence"))
        stream._alarm = Alarm.restored(part("alarm"))
        knowledge = part("knowledge")
        stream._knowledge = Knowledge.restored(knowledge) if knowledge else None
        return stream


def _fused(loudness: Block) -> Block:
    """Root mean square of the views that speak; NaN where none does.

    One view after the other: a sum over an axis rounds differently for arrays of other shapes.
    """
    total = np.zeros(loudness.shape[1:])
    speaking = np.zeros(loudness.shape[1:])
    for view in loudness:
        speaks = ~np.isnan(view)
        total += np.where(speaks, view * view, 0.0)
        speaking += speaks
    speaking[speaking == 0] = np.nan
    total /= speaking
    return np.sqrt(total, out=total)


def _expectation(stretch: Stretch, known: Knowledge, fresh: Counts) -> tuple[Block, Block]:
    """What is expected, and the usual distance from it: by level, short median or season.

    The simplest counts unless another is closer by far.
    """
    shape = (stretch.ticks, len(known.level))
    usual = np.broadcast_to(known.scales[LEVEL], shape)
    expected = np.where(np.isnan(usual), np.nan, known.level)
    short = np.where(fresh < VIEWS[SHORT].needs, np.nan, stretch.short_median)
    voices = [(short, known.scales[SHORT])]
    if stretch.seasonal is not None:
        voices.append((stretch.seasonal[1:], known.season_scale))
    for voice, distance in voices:
        closer = (distance < PREFERRED * usual) & ~np.isnan(voice)
        expected = np.where(closer, voice, expected)
        usual = np.where(closer, distance, usual)
    return expected, usual


def _named(views: Block) -> dict[str, Block]:
    return {view.name: block for view, block in zip(VIEWS, views, strict=True)}
