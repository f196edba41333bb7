"""The default method: several views of each series, fused into one calibrated score, with an alarm.

A stream judges consecutive ticks of some series. It works in stretches between refreshes, whose
places follow from the number of the tick alone, so portions of any size give the same bits.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig
from anomaly.detector import calibration
from anomaly.detector.alarm import Alarm, Evidence, Rule, Verdict
from anomaly.detector.arrays import Block, Flags, Judged, Row, Times, joined
from anomaly.detector.calibration import decay, hold
from anomaly.detector.history import Counts, History, Portion
from anomaly.detector.memory import LEVEL, PREFERRED, Knowledge, Memory
from anomaly.detector.samples import floor
from anomaly.detector.season import (
    DAILY,
    LONGEST_RECURRING,
    NO_NEWS,
    SEASONS,
    WEEKLY,
    Calendar,
    Places,
    Recurrence,
    horizon,
    largest_of,
    seasonal,
)
from anomaly.detector.views import PLACES, VIEWS, Stretch, fit

FIRST_STRETCH, LONGEST_STRETCH = 8, 256
GROWTH = 8
"""A refresh comes when the past has grown by an eighth, within these bounds."""

LARGEST = 1e30
"""Values end here, so that nothing made of them is beyond what numbers can say."""

SILENT = 24
"""Values of a series before it is judged at all."""

SHORT = PLACES["short"]

MOST_NEEDED = max(view.needs for view in VIEWS)

LEARNT = 96
"""Ticks from which a series that has changed for good is learnt anew, at least."""

LEAST_LEARNT = 8
"""With fewer there is nothing to learn from."""

SEASONAL = SEASON, SEASON_CHANGE = [PLACES["season"], PLACES["season_change"]]

FAR, SHARE_OF_SEASON = 2.0, 0.05
"""Usual distances from the level beyond which a season is exact to such a share only."""

SEASON_NEEDS = VIEWS[SEASON_CHANGE].needs

SLOW = PLACES["slow_drift"]
FUSED = (*(place for place in range(len(VIEWS)) if place != SLOW), SLOW)
"""The views in the order in which they are fused."""

ALONE = 2.5
"""No view counts for more than so many times the next: what one sees alone is chance."""

LONGEST_VIEW = max(view.explained_by for view in VIEWS)


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
        self._surprise: Block = np.full((LONGEST_VIEW - 1, series), np.inf)
        self._knowledge: Knowledge | None = None

    @property
    def series(self) -> int:
        """How many are judged."""
        return len(self._held)

    def feed(self, times: Times, values: Block, *, detail: bool = False) -> Judged:
        """Judge the ticks that follow."""
        known = np.where(np.isinf(values), np.nan, np.clip(values, -LARGEST, LARGEST))
        parts = []
        if not self._tick:
            unheard = _until_first(known)
            if unheard:
                parts.append(_silence((unheard, self.series), detail=detail))
            times, known = times[unheard:], known[unheard:]
        if not len(times):
            return parts[0] if parts else _silence(known.shape, detail=detail)
        portion = self._history.extend(times, known)
        self._recurrence.extend(len(times))
        done = 0
        while done < len(times):
            at = portion.began + done
            if self._tick == self._refresh_at:
                self._refresh(at)
            self._accept(at)
            ticks = min(self._refresh_at - self._tick, len(times) - done, self._most(at))
            parts.append(self._judge(portion, slice(done, done + ticks), detail=detail))
            done += ticks
            self._tick += ticks
        self._history.trim()
        self._recurrence.trim()
        return joined(parts)

    def _most(self, at: int) -> int:
        """Ticks that may be judged at a time."""
        known = self._knowledge
        if known is None:
            return LONGEST_STRETCH
        following = self._history.times[at : at + LONGEST_STRETCH]
        patience = self._alarm.patience(self._rule(known), following)
        return min(patience, horizon(known.step))

    def _refresh(self, at: int) -> None:
        stretch = min(max(self._tick // GROWTH, FIRST_STRETCH), LONGEST_STRETCH)
        self._refresh_at = self._tick + stretch
        self._knowledge = self._memory.knowledge(self._history, at, self._tick, self._knowledge)

    def _accept(self, at: int) -> None:
        """What has lasted for so long is the new normal; learn it."""
        known = self._knowledge
        if known is None or not self._alarm.on.any():
            return
        lasting = self._alarm.lasting(self._rule(known), float(self._history.times[at]))
        for series in np.flatnonzero(lasting).tolist():
            self._relearn(series, at, int(self._alarm.ticks[series]) + 1, known)
        self._alarm.accept(lasting)

    def _relearn(self, series: int, at: int, ticks: int, known: Knowledge) -> None:
        """Learn one series anew from its last `ticks` ticks, as if it had always been so."""
        only = slice(series, series + 1)
        history, memory, before = (
            self._history.only(only),
            self._memory.only(only),
            known.only(only),
        )
        since = max(at - ticks, 1)
        values = history.values
        span = slice(max(at - max(ticks, LEARNT), 2), at)
        if at - since < LEAST_LEARNT:
            return
        base: Block = np.broadcast_to(before.level, (at - since, 1))
        if before.by_season[0]:
            said = _chosen(self._voices(history, slice(since, at), before), before)
            base = np.where(np.isnan(said), base, said)
        values[:since] += np.median(values[since:at] - base)
        level = np.median(values[span], axis=0)
        forecast = before.forecast and fit(values[:at], level, before.forecast.scale)
        wider = slice(span.start - 1, at)
        voices = self._voices(history, wider, before)
        seasonal = _chosen(voices, before) if before.seasons else None
        stretch = Stretch(history.stretch(span), level, floor(level), forecast, seasonal)
        residuals = np.full((len(VIEWS), at - span.start, 1), np.nan)
        for place, view in enumerate(VIEWS):
            residual = view.residual(stretch)
            if residual is not None:
                residuals[place] = residual
        memory.relearn(residuals, _distances(values[wider] - voices))
        known.put(only, memory.learnt(history, at, before, forecast))

    def _judge(self, portion: Portion, part: slice, *, detail: bool) -> Judged:
        at = slice(portion.began + part.start, portion.began + part.stop)
        known, present = self._knowledge, portion.present[part]
        if known is None:
            return self._wait(at, present, detail=detail)
        values = self._history.stretch(at)
        before = self._before(slice(at.start - 1, at.stop), known)
        seasonal, distances = self._seasonal(at, before, present, known)
        stretch = Stretch(values, known.level, known.least, known.forecast, seasonal)
        fresh = self._history.fresh(portion, part, known.step)
        residuals, hushed = _residuals(stretch, present, portion.ages[part], fresh)
        loudness = _loudness(residuals, hushed, stretch, known)
        self._explain(loudness, known)
        judged = portion.ages[part] > SILENT
        both = _fused(loudness)
        strength, sudden = (np.where(judged, each, np.nan) for each in both)
        self._recurrence.put(at, strength)
        bound = self._bound(at, before, known) * self._config.threshold
        score = np.nan_to_num(strength / bound)
        expected, usual = _expectation(stretch, known, fresh)
        was_on = self._alarm.on.copy()
        verdict = self._alerting(
            portion.times[part],
            _Sight(stretch, score, np.nan_to_num(sudden / bound), present, expected, fresh),
            known,
        )
        alerting, begins = verdict.on, verdict.begins
        self._learn(np.where(hushed, np.nan, residuals), distances, verdict.strange, known)
        # What comes often becomes usual: an incident teaches the bound by its first tick.
        lesson = begins | (~alerting & (verdict.strange >= LONGEST_VIEW))
        score = np.fmax(score, verdict.standing)
        goes_on = ~np.isnan(verdict.standing)
        expected = np.where(goes_on, verdict.expected, expected)
        learnt = np.minimum(strength, calibration.LOUDEST)
        self._memory.strengths.add(self._tick, np.where(lesson, learnt, np.nan))
        reach = usual * np.where(np.isinf(bound), np.nan, bound)
        reach = np.where(goes_on, verdict.reach, reach)
        return Judged(
            np.where(present, self._shown(score, known.step), np.nan),
            alerting,
            begins & np.concatenate([was_on[None], alerting[:-1]]),
            expected,
            expected - reach,
            expected + reach,
            _named(loudness / bound) if detail else {},
        )

    def _bound(self, at: slice, before: Places, known: Knowledge) -> Block:
        """The strength that scores 1: that of the series, or what recurs daily if that is more."""
        if known.step > LONGEST_RECURRING or not known.seasons:
            return np.broadcast_to(known.bound, (at.stop - at.start, len(known.bound)))
        usual = self._recurrence.usual(before[..., 1:], at, known.step)
        return np.maximum(known.bound, NO_NEWS * usual)

    def _wait(self, at: slice, present: Flags, *, detail: bool) -> Judged:
        """Nothing is known: not even how far apart the ticks are."""
        residuals = np.full((len(VIEWS), *present.shape), np.nan)
        residuals[LEVEL] = np.where(present, self._history.values[at], np.nan)
        self._memory.residuals.add(self._tick, np.moveaxis(residuals, 0, 1))
        score = np.where(present, 0.0, np.nan)
        return replace(_silence(present.shape, detail=detail), score=score)

    def _before(self, at: slice, known: Knowledge) -> Places:
        """(seasons, 3, time): the ticks at the same time of other days."""
        return self._calendar.before(self._history.times, at, SEASONS, known.step)

    def _voices(self, history: History, at: slice, known: Knowledge) -> Block:
        return seasonal(history, self._before(at, known)[: known.seasons])

    def _seasonal(
        self, at: slice, before: Places, present: Flags, known: Knowledge
    ) -> tuple[Block | None, Block | None]:
        """What the season says of the ticks and the one before, and how far off each voice is."""
        if not known.seasons:
            return None, None
        voices = seasonal(self._history, before[: known.seasons])
        apart = self._history.values[at.start - 1 : at.stop] - voices
        distances = _distances(apart)
        distances[:, ~present] = np.nan
        doubtful = self._recurrence.alone_and_loud(before[WEEKLY], known.bound)
        doubtful &= np.abs(apart[DAILY]) < np.abs(apart[WEEKLY])
        voices[WEEKLY, doubtful] = np.nan
        return _chosen(voices, known), distances

    def _learn(
        self, residuals: Block, distances: Block | None, strange: Block, known: Knowledge
    ) -> None:
        """Remember what was seen, except of an incident: what it did to a view's window."""
        if strange.min(initial=np.inf) < MOST_NEEDED:
            for place, view in enumerate(VIEWS):
                residuals[place, strange < view.needs] = np.nan
            if distances is not None:
                distances[:, strange < SEASON_NEEDS] = np.nan
        self._memory.residuals.add(self._tick, np.moveaxis(residuals, 0, 1))
        if distances is not None:
            self._memory.seasons.add(self._tick, np.moveaxis(distances, 0, 1))
        peaks = np.fmax.reduce(np.abs(residuals - known.centres[:, None]), axis=1)
        peaks[np.isnan(known.scales)] = np.nan  # nor is the middle known
        self._memory.newest_peaks = np.fmax(self._memory.newest_peaks, peaks)

    def _explain(self, loudness: Block, known: Knowledge) -> None:
        """What the season explains is no news: no view is louder than the season was surprised."""
        surprise = np.fmax(*loudness[SEASONAL])
        surprise[np.isnan(surprise) | ~known.by_season] = np.inf
        before = len(self._surprise)
        recent = np.concatenate([self._surprise, surprise])
        self._surprise = recent[-LONGEST_VIEW + 1 :]
        if np.isinf(surprise).all():
            return
        for place, view in enumerate(VIEWS):
            if view.explained_by:
                largest = largest_of(recent[before - view.explained_by + 1 :], view.explained_by)
                np.minimum(loudness[place], largest, out=loudness[place])

    def _shown(self, score: Block, step: float) -> Block:
        if not self._config.peak_hold:
            return score
        held = hold(score, self._held, decay(step))
        self._held = held[-1]
        return held

    def _alerting(self, times: Times, sight: "_Sight", known: Knowledge) -> Verdict:
        config, stretch, expected = self._config, sight.stretch, sight.expected
        deviation = stretch.back(0) - expected
        size = np.abs(deviation)
        matters = sight.present & (size >= config.min_absolute_deviation)
        if config.min_relative_deviation:
            matters &= size >= config.min_relative_deviation * np.abs(expected)
        if config.direction != "both":
            matters &= (deviation > 0) if config.direction == "above" else (deviation < 0)
        hot = (sight.score > 1) & matters
        usual, season = known.scales[LEVEL], known.season_scale
        base = np.broadcast_to(known.level, hot.shape)
        if stretch.seasonal is not None:
            said = stretch.seasonal[1:]
            base = np.where(known.by_season & ~np.isnan(said), said, base)
            usual = np.where(known.by_season & ~np.isnan(said), season, usual)
        bound = known.bound * config.threshold
        short = known.scales[SHORT]
        evidence = Evidence(
            hot=hot,
            sudden=(sight.sudden > 1) & matters,
            certain=hot & (sight.score > config.certain_score),
            present=sight.present,
            values=stretch.back(0),
            expected=base,
            reach=np.broadcast_to(bound * usual, hot.shape),
            local=np.where(sight.fresh < VIEWS[SHORT].needs, np.nan, stretch.short_median),
            local_reach=np.broadcast_to(bound * short, hot.shape),
        )
        return self._alarm.judge(times, evidence, self._rule(known))

    def _rule(self, known: Knowledge) -> Rule:
        config = self._config
        window = max(1, round(config.trigger_seconds / known.step))
        return Rule(
            window=window,
            least=max(math.ceil(config.trigger_fraction * window), min(window, 2)),
            recovery_ticks=config.recovery_points,
            recovery_seconds=config.recovery_seconds,
            shift_ticks=config.shift_least_points,
            shift_seconds=config.shift_seconds,
            side={"both": 0, "above": 1, "below": -1}[config.direction],
            seasonal=known.by_season,
            step=known.step,
        )

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that is needed to go on."""
        parts = {
            "history": self._history.state(),
            "memory": self._memory.state(),
            "recurrence": self._recurrence.state(),
            "alarm": self._alarm.state(),
            "knowledge": {} if self._knowledge is None else self._knowledge.state(),
            "stream": {
                "ticks": np.array([self._tick, self._refresh_at]),
                "held": self._held,
                "surprise": self._surprise,
            },
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
        stream._surprise = np.array(own["surprise"], np.float64)
        stream._history = History.restored(part("history"))
        stream._memory = Memory.restored(part("memory"))
        stream._recurrence = Recurrence.restored(part("recurrence"))
        stream._alarm = Alarm.restored(part("alarm"))
        knowledge = part("knowledge")
        stream._knowledge = Knowledge.restored(knowledge) if knowledge else None
        return stream


@dataclass(frozen=True)
class _Sight:
    """What an alarm is decided by."""

    stretch: Stretch
    score: Block
    sudden: Block
    """The score without the views whose windows are long."""
    present: Flags
    expected: Block
    fresh: Counts


def _residuals(
    stretch: Stretch, present: Flags, ages: Counts, fresh: Counts
) -> tuple[Block, Flags]:
    """What each view sees, and where it is quiet: it compares neighbours and has none after a gap.

    Args:
        stretch: the ticks.
        present: where a value came.
        ages: values that had come.
        fresh: those of them since the last long gap.

    Returns:
        Both (views, time, series); NaN where a view is mute.
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
    return residuals, hushed


def _loudness(residuals: Block, hushed: Flags, stretch: Stretch, known: Knowledge) -> Block:
    """How loud each view is, in units of its usual size; NaN where it is mute."""
    loudness = np.abs(residuals - known.centres[:, None])
    loudness[hushed] *= 0.0  # quiet, but still mute where it cannot see
    loudness /= known.scales[:, None]
    if stretch.seasonal is not None:
        _soften(loudness, stretch.seasonal, known)
    return np.minimum(loudness, calibration.STRONGEST, out=loudness)


def _soften(loudness: Block, said: Block, known: Knowledge) -> None:
    """What the season says far from the level, such as of a nightly job, it says less exactly."""
    beyond = np.abs(said - known.level) - FAR * known.scales[LEVEL]
    apart = SHARE_OF_SEASON * np.fmax(np.nan_to_num(beyond), 0.0)
    for place, unsure in ((SEASON, apart[1:]), (SEASON_CHANGE, np.maximum(apart[1:], apart[:-1]))):
        usual = known.scales[place]
        loudness[place] *= usual / np.fmax(unsure, usual)


def _distances(distances: Block) -> Block:
    """From what the seasons said, (seasons, 1 + time, series): of values, then of changes."""
    distances = distances[: len(SEASONS)]
    return np.concatenate([distances[:, 1:], np.diff(distances, axis=1)])


def _chosen(voices: Block, known: Knowledge) -> Block:
    daily, weekly, agreed = voices
    chosen = np.where(known.by_week & ~np.isnan(weekly), weekly, daily)
    other = np.abs(agreed - chosen) > FAR * known.scales[LEVEL]
    said: Block = np.where(other, agreed, chosen)
    return said


def _fused(loudness: Block) -> tuple[Block, Block]:
    """Root mean square of the views that speak, and without the slow ones; NaN where none does.

    One view after the other: a sum over an axis rounds differently for arrays of other shapes.
    """
    heard = np.minimum(loudness, _most_alone(loudness))
    total = np.zeros(loudness.shape[1:])
    speaking = np.zeros(loudness.shape[1:])
    sudden = total
    for place in FUSED:
        if place == SLOW:
            sudden = _root(total, speaking)
        view = heard[place]
        speaks = ~np.isnan(view)
        total = total + np.where(speaks, view * view, 0.0)
        speaking = speaking + speaks
    return _root(total, speaking), sudden


def _most_alone(loudness: Block) -> Block:
    """How loud a view may be for what the others say; boundless where only one speaks."""
    first = second = np.full(loudness.shape[1:], -1.0)
    for view in np.nan_to_num(loudness, nan=-1.0):
        second = np.maximum(second, np.minimum(first, view))
        first = np.maximum(first, view)
    return np.where(second < 0, np.inf, ALONE * second)


def _root(total: Block, speaking: Block) -> Block:
    return np.sqrt(np.divide(total, speaking, out=np.full_like(total, np.nan), where=speaking > 0))


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


def _until_first(values: Block) -> int:
    """Ticks before the first value of any series.

    They teach nothing, so they do not count: else series that have just begun would wait for
    refreshes as far apart as those of old ones.
    """
    heard: NDArray[np.bool_] = np.asarray(np.isfinite(values).any(axis=1))
    return int(heard.argmax()) if heard.any() else len(heard)


def _silence(shape: tuple[int, ...], *, detail: bool) -> Judged:
    """The verdict on ticks, (time, series), that nothing can be said of."""
    unknown, quiet = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    views = _named(np.full((len(VIEWS), *shape), np.nan)) if detail else {}
    return Judged(unknown, quiet, quiet, unknown, unknown, unknown, views)


def _named(views: Block) -> dict[str, Block]:
    return {view.name: block for view, block in zip(VIEWS, views, strict=True)}
