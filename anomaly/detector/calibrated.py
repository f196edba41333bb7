"""The default method: several views of each series, fused into one calibrated score, with an alarm.

A stream judges consecutive ticks of some series. It works in stretches between refreshes, whose
places follow from the number of the tick alone, so portions of any size give the same bits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig
from anomaly.detector import calibration
from anomaly.detector.alarm import Alarm, Evidence, Followed, Rule
from anomaly.detector.arrays import CONTEXT, Block, Flags, Judged, Places, Row, Times, joined
from anomaly.detector.calibration import decay, hold
from anomaly.detector.history import Counts, History, Portion
from anomaly.detector.memory import LEVEL, PREFERRED, Knowledge, Memory
from anomaly.detector.samples import LEAST, MEDIAN_TO_DEVIATION, floor
from anomaly.detector.season import (
    AGREEMENT,
    DAILY,
    LONGEST_RECURRING,
    NO_NEWS,
    SEASONS,
    WEEKLY,
    Calendar,
    Largest,
    Recurrence,
    seasonal,
)
from anomaly.detector.stored import State, part_restored, parts_state
from anomaly.detector.views import PLACES, VIEWS, Scene, Stretch, fit

FIRST_STRETCH, LONGEST_STRETCH = 8, 256
GROWTH = 8
"""A refresh comes when the past has grown by an eighth, within these bounds."""

LARGEST = 1e30
"""Values end here, so that nothing made of them is beyond what numbers can say."""

SILENT = 24
"""Values of a series before it is judged at all."""

SHORT = PLACES["short"]

NEEDS = np.array([view.needs for view in VIEWS])
MOST_NEEDED = int(NEEDS.max())

LEARNT = 96
"""Ticks from which a series that has changed for good is learnt anew, at least."""

LEAST_LEARNT = 8
"""With fewer there is nothing to learn from."""

SEASONAL = SEASON, SEASON_CHANGE = [PLACES["season"], PLACES["season_change"]]

FAR, SHARE_OF_SEASON = 2.0, 0.05
"""Usual distances from the level beyond which a season is exact to such a share only."""

NOTHING_OF_IT = 0.2
"""Share of what the season says below which it is missed; that counts without any other view."""

SEASON_NEEDS = VIEWS[SEASON_CHANGE].needs

SLOW = PLACES["slow_drift"]
FUSED = (*(place for place in range(len(VIEWS)) if place != SLOW), SLOW)
"""The views in the order in which they are fused."""

AHEAD, FARTHEST_AHEAD = 32_768, 4096
"""Values that are looked at together, and ticks: what is worked on stays in a processor's cache."""

NOTHING: Row = np.empty(0)

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
        self._ahead: _Ahead | None = None
        self._rooms = [NOTHING, NOTHING]

    @property
    def series(self) -> int:
        """How many are judged."""
        return len(self._held)

    def feed(self, times: Times, values: Block, *, detail: bool = False) -> Judged:
        """Judge the ticks that follow."""
        known = _bounded(values)
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
        self._ahead = None
        done = 0
        while done < len(times):
            at = portion.began + done
            if self._tick == self._refresh_at:
                self._refresh(at)
            self._accept(at)
            ticks = min(self._refresh_at - self._tick, len(times) - done)
            parts.append(self._judge(portion, slice(done, done + ticks), detail=detail))
            done += len(parts[-1].score)
            self._tick += len(parts[-1].score)
        self._ahead, self._rooms = None, [NOTHING, NOTHING]
        self._history.trim()
        self._recurrence.trim()
        return joined(parts)

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
            self._ahead = None
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
        values[:since] = _as_always(values[:since], values[since:at], base)
        level = np.median(values[span], axis=0)
        usual = MEDIAN_TO_DEVIATION * np.median(np.abs(values[span] - level), axis=0)
        forecast = before.forecast and fit(values[:at], level, np.maximum(usual, floor(level)))
        wider = slice(span.start - 1, at)
        voices = self._voices(history, wider, before)
        seasonal = _chosen(voices, before) if before.seasons else None
        scene = Scene(history.stretch(span))
        stretch = Stretch(scene, slice(0, scene.ticks), level, floor(level), forecast, seasonal)
        residuals = np.full((len(VIEWS), at - span.start, 1), np.nan)
        for place, view in enumerate(VIEWS):
            residual = view.residual(stretch)
            if residual is not None:
                residuals[place] = residual
        memory.relearn(residuals, _distances(values[wider] - voices))
        known.put(only, memory.learnt(history, at, before, forecast))

    def _judge(self, portion: Portion, part: slice, *, detail: bool) -> Judged:
        """Judge so many of the ticks as follow from what is known now, at least one."""
        at = slice(portion.began + part.start, portion.began + part.stop)
        known = self._knowledge
        if known is None:
            return self._wait(at, portion.present[part], detail=detail)
        ahead = self._look_ahead(at.start, portion, known)
        most = ahead.most(at)
        if most < at.stop:
            return self._judge(portion, slice(part.start, most - portion.began), detail=detail)
        gaps = self._gaps(portion, part, known)
        stretch = ahead.stretch(at, known, self._said(ahead, at, known))
        residuals = _residuals(stretch, gaps)
        apart = self._apart(residuals, gaps, known)
        loudness = self._loudness(apart, stretch, known)
        surprise = self._explain(loudness, known)
        views = [place for place in FUSED if residuals[place] is not None]
        strength = calibration.fused(loudness, views)
        bound = self._bound(ahead, at, known)
        expected, usual = _expectation(stretch, known, gaps)
        if stretch.seasonal is not None and (missed := ahead.missed(at, stretch, known)).any():
            # It may only be late, so a single tick of it leaves some doubt.
            alone = np.minimum(loudness[SEASON], self._config.certain_score * known.bound)
            strength = np.where(missed, np.fmax(strength, alone), strength)
            bound = np.where(missed, known.bound, bound)
            expected = np.where(missed, stretch.seasonal[1:], expected)
            usual = np.where(missed, known.season_scale, usual)
        if gaps is not None:
            strength[gaps.ages <= SILENT] = np.nan
        self._recurrence.put(at, strength)
        bound = bound * self._config.threshold
        score = np.fmax(strength / bound, 0.0)
        told = np.flatnonzero((score > 1).any(axis=0) | self._alarm.on)
        sight = _Sight(stretch, views, score, loudness, bound, expected, gaps)
        followed = self._follow(portion.times[part], told, sight, known)
        if followed.ticks < len(score):
            fewer = slice(part.start, part.start + followed.ticks)
            return self._judge(portion, fewer, detail=detail)
        was_on = self._alarm.on.copy()
        verdict = self._alarm.take(followed)
        alerting, begins = verdict.on, verdict.begins
        self._surprise = surprise
        if gaps is not None:
            self._history.go_by(portion, part, gaps.fresh)
        seen = _Seen(residuals, apart, gaps, verdict.strange, ahead, at)
        self._learn(seen, strength, begins | (~alerting & (verdict.strange >= LONGEST_VIEW)), known)
        reach = usual * np.where(np.isinf(bound), np.nan, bound)
        if len(told):
            score, expected, reach = (
                np.array(np.broadcast_to(each, score.shape)) for each in (score, expected, reach)
            )
            verdict.show(told, score, expected, reach)
        shown = self._shown(score, known.step)
        if gaps is not None:
            shown = np.where(gaps.present, shown, np.nan)
        return Judged(
            shown,
            alerting,
            begins & np.concatenate([was_on[None], alerting[:-1]]),
            expected,
            expected - reach,
            expected + reach,
            _named(loudness / bound) if detail else {},
        )

    def _follow(self, times: Times, told: Places, sight: "_Sight", known: Knowledge) -> Followed:
        """What comes of some ticks, of the series that have something to tell."""
        rule = self._rule(known)
        if not len(told):
            return self._alarm.rest(len(times), rule)
        return self._alarm.follow(times, told, self._evidence(sight, told, known), rule)

    def _look_ahead(self, at: int, portion: Portion, known: Knowledge) -> "_Ahead":
        """What needs no knowledge of the ticks from one on."""
        ahead = self._ahead
        if ahead and (ahead.step, ahead.seasons) == (known.step, known.seasons) and at < ahead.stop:
            return ahead
        end = portion.began + len(portion.times)
        most = min(max(AHEAD // self.series, FIRST_STRETCH), FARTHEST_AHEAD)
        ticks = slice(at, min(end, at + most))
        before, voices, spreads = None, None, NOTHING
        if known.seasons:
            before = self._before(slice(at - 1, ticks.stop), known)
            voices, spreads = seasonal(self._history, before[: known.seasons])
        scene = Scene(self._history.stretch(ticks))
        self._ahead = _Ahead(ticks, scene, known.step, known.seasons, before, voices, spreads)
        return self._ahead

    def _gaps(self, portion: Portion, part: slice, known: Knowledge) -> "_Gaps | None":
        if self._history.settled(portion, part, known.step, MOST_NEEDED):
            return None
        fresh = self._history.fresh(portion, part, known.step)
        return _Gaps(portion.present[part], portion.ages[part], fresh)

    def _bound(self, ahead: "_Ahead", at: slice, known: Knowledge) -> Block:
        """The strength that scores 1: that of the series, or what recurs daily if that is more."""
        if known.step > LONGEST_RECURRING or ahead.before is None:
            return known.bound
        before = ahead.before[..., ahead.wider(at)][..., 1:]
        usual = self._recurrence.usual(before, at, known.step)
        return np.maximum(known.bound, NO_NEWS * usual) if usual.any() else known.bound

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
        return seasonal(history, self._before(at, known)[: known.seasons])[0]

    def _said(self, ahead: "_Ahead", at: slice, known: Knowledge) -> Block | None:
        """(1 + time, series): what the season says; not a week that is alone and was loud."""
        if ahead.voices is None or ahead.before is None:
            return None
        wider = ahead.wider(at)
        voices, weeks = ahead.voices[:, wider], ahead.before[WEEKLY][:, wider]
        doubtful = self._recurrence.alone_and_loud(weeks, known.bound)
        if doubtful.any():
            apart = np.abs(self._history.values[at.start - 1 : at.stop] - voices[: len(SEASONS)])
            doubtful &= apart[DAILY] < apart[WEEKLY]
            voices = voices.copy()
            voices[WEEKLY, doubtful] = np.nan
        return _chosen(voices, known)

    def _room(self, place: int, shape: tuple[int, ...]) -> Block:
        """An array that is used again for every stretch."""
        size = math.prod(shape)
        if self._rooms[place].size < size:
            self._rooms[place] = np.empty(size)
        return self._rooms[place][:size].reshape(shape)

    def _apart(
        self, residuals: Sequence[Block | None], gaps: "_Gaps | None", known: Knowledge
    ) -> Block:
        """(views, time, series): how far each view is from its middle; NaN where it is mute.

        After a gap those that compare neighbours are quiet, for they have none.
        """
        level = residuals[LEVEL]
        assert level is not None  # noqa: S101 - it needs nothing
        apart = self._room(0, (len(VIEWS), *level.shape))
        for view, residual, centre, out in zip(VIEWS, residuals, known.centres, apart, strict=True):
            if residual is None:
                out[:] = np.nan
                continue
            if view.centred:
                np.abs(residual, out=out)
            else:
                np.abs(np.subtract(residual, centre, out=out), out=out)
            if gaps is not None and view.neighbours:
                out[gaps.fresh < view.needs] *= 0.0  # quiet, but still mute where it cannot see
        return apart

    def _loudness(self, apart: Block, stretch: Stretch, known: Knowledge) -> Block:
        """How loud each view is, in units of its usual size; NaN where it is mute."""
        loudness = self._room(1, apart.shape)
        np.divide(apart, known.scales[:, None], out=loudness)
        if stretch.seasonal is not None:
            _soften(loudness, stretch.seasonal, known)
        return np.minimum(loudness, calibration.STRONGEST, out=loudness)

    def _learn(self, seen: "_Seen", strength: Block, lesson: Flags, known: Knowledge) -> None:
        """Remember what was seen, except of an incident: what it did to a view's window.

        What comes often becomes usual: an incident teaches the bound by its first tick.
        """
        memory, ticks = self._memory, len(strength)
        present = None if seen.gaps is None else seen.gaps.present
        memory.residuals.take(self._tick, ticks, seen.residuals_of, present)
        if known.seasons:
            memory.seasons.take(self._tick, ticks, seen.distances_of, present)
        memory.strengths.take(
            self._tick,
            ticks,
            lambda some: (
                np.where(lesson[some], np.minimum(strength[some], calibration.LOUDEST), np.nan).T
            ),
            present,
        )
        peaks = seen.peaks()
        peaks[np.isnan(known.scales)] = np.nan  # nor is the middle known
        memory.newest_peaks = np.fmax(memory.newest_peaks, peaks)

    def _explain(self, loudness: Block, known: Knowledge) -> Block:
        """What the season explains is no news: no view is louder than the season was surprised.

        Returns:
            How surprised it was at the last ticks, for those that follow.
        """
        if not known.by_season.any() and np.isinf(self._surprise).all():
            return self._surprise
        surprise = np.fmax(*loudness[SEASONAL])
        surprise[np.isnan(surprise) | ~known.by_season] = np.inf
        before, ticks = len(self._surprise), len(surprise)
        largest = Largest(np.concatenate([self._surprise, surprise]))
        for place, view in enumerate(VIEWS):
            if width := view.explained_by:
                first = before - width + 1
                explained = largest.of(width)[first : first + ticks]
                np.minimum(loudness[place], explained, out=loudness[place])
        return largest.of(1)[-before:]

    def _shown(self, score: Block, step: float) -> Block:
        if not self._config.peak_hold:
            return score
        held = hold(score, self._held, decay(step))
        self._held = held[-1]
        return held

    def _evidence(self, sight: "_Sight", told: Places, known: Knowledge) -> Evidence:
        """What an alarm is decided by, of some series."""
        config, stretch, gaps, score = self._config, sight.stretch, sight.gaps, sight.score[:, told]
        values, expected = stretch.values[:, told], sight.expected[:, told]
        present = np.ones(score.shape, np.bool_) if gaps is None else gaps.present[:, told]
        local = stretch.short_median[:, told]
        if gaps is not None:
            local[gaps.fresh[:, told] < VIEWS[SHORT].needs] = np.nan
        deviation = values - expected
        size = np.abs(deviation)
        matters = present & (size >= config.min_absolute_deviation)
        if config.min_relative_deviation:
            matters &= size >= config.min_relative_deviation * np.abs(expected)
        if config.direction != "both":
            matters &= (deviation > 0) if config.direction == "above" else (deviation < 0)
        hot = (score > 1) & matters
        sudden = (
            calibration.fused(
                sight.loudness[:, :, told], [view for view in sight.views if view != SLOW]
            )
            / np.broadcast_to(sight.bound, sight.score.shape)[:, told]
        )
        usual = np.broadcast_to(known.scales[LEVEL, told], hot.shape)
        base = np.broadcast_to(known.level[told], hot.shape)
        if stretch.seasonal is not None:
            said = stretch.seasonal[1:, told]
            speaks = known.by_season[told] & ~np.isnan(said)
            base = np.where(speaks, said, base)
            usual = np.where(speaks, known.season_scale[told], usual)
        bound = known.bound[told] * config.threshold
        return Evidence(
            hot=hot,
            sudden=(sudden > 1) & matters,
            certain=hot & (score > np.fmax(config.certain_score, known.sure[told])),
            present=present,
            values=values,
            expected=base,
            reach=bound * usual,
            local=local,
            local_reach=np.broadcast_to(bound * known.scales[SHORT, told], hot.shape),
        )

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
        return parts_state({name: getattr(self, f"_{name}") for name in STORED})

    @classmethod
    def restored(cls, config: DetectorConfig, state: State) -> "CalibratedStream":
        """The stream that gave that state; any exception means that the state is damaged."""
        parts = {name: part_restored(kind, name, state) for name, kind in STORED.items()}
        stream = cls(config, len(parts["held"]))
        for name, part in parts.items():
            setattr(stream, f"_{name}", part)
        return stream


STORED = {
    "history": History,
    "memory": Memory,
    "recurrence": Recurrence,
    "alarm": Alarm,
    "knowledge": Knowledge | None,
    "held": Row,
    "surprise": Block,
    "tick": int,
    "refresh_at": int,
}
"""What a stream goes on from; all else follows from it."""


@dataclass(frozen=True)
class _Ahead:
    """What needs no knowledge, of some ticks that are judged in one or more stretches."""

    ticks: slice
    """Which of the history."""

    scene: Scene
    step: float
    seasons: int

    before: Places | None
    """(seasons, 3, 1 + time): the ticks at the same time of other days, from the tick before on."""

    voices: Block | None
    """(3, 1 + time, series): what the seasons say, likewise."""

    spreads: Block
    """(seasons, 1 + time, series): how far what they say it by is apart; empty without any."""

    @property
    def stop(self) -> int:
        """The first tick that is beyond."""
        return int(self.ticks.stop)

    def most(self, at: slice) -> int:
        """Where ticks must end that are judged at once.

        Before one that asks how loud one of them was a week ago.
        """
        if self.before is None:
            return self.stop
        asks = self.before[WEEKLY, 0, self.wider(at)] >= at.start
        return min(self.stop, at.start - 1 + int(asks.argmax())) if asks.any() else self.stop

    def wider(self, at: slice) -> slice:
        """Of `before` and `voices`, some ticks and the one before."""
        return slice(at.start - self.ticks.start, at.stop - self.ticks.start + 1)

    def stretch(self, at: slice, known: Knowledge, said: Block | None) -> Stretch:
        """Some of the ticks, as they are judged, with what the season says."""
        part = slice(at.start - self.ticks.start, at.stop - self.ticks.start)
        return Stretch(self.scene, part, known.level, known.least, known.forecast, said)

    def missed(self, at: slice, stretch: Stretch, known: Knowledge) -> Flags:
        """Where nothing is, though the days or weeks agree that something was, far from usual."""
        assert stretch.seasonal is not None and self.voices is not None  # noqa: S101, PT018
        said = stretch.seasonal[1:]
        beyond = np.abs(said - known.level)
        nothing = np.abs(stretch.values - known.level) < NOTHING_OF_IT * beyond
        missed: Flags = nothing & (beyond > FAR * known.scales[LEVEL])
        if missed.any():
            wider = self.wider(at)
            days, weeks = self.spreads[:, wider][:, 1:]
            spread = np.where(said == self.voices[DAILY, wider][1:], days, weeks)
            missed &= spread < AGREEMENT * beyond
        return missed

    def distances(self, at: slice, some: Places) -> Block:
        """(2 x seasons, time, series): from what the seasons said, of values, then of changes."""
        assert self.voices is not None  # noqa: S101 - only asked for with seasons
        first = at.start - self.ticks.start + some
        now, before = (
            self.scene.values[CONTEXT - 1 + place] - self.voices[: len(SEASONS), place]
            for place in (first + 1, first)
        )
        return np.concatenate([now, now - before])


@dataclass(frozen=True)
class _Gaps:
    """What is known of values that are missing, or follow a gap; all (time, series)."""

    present: Flags

    ages: Counts
    """Values that had come."""

    fresh: Counts
    """Those of them since the last long gap."""


@dataclass(frozen=True)
class _Sight:
    """What an alarm is decided by."""

    stretch: Stretch
    views: Sequence[int]
    score: Block
    loudness: Block
    bound: Block
    expected: Block
    gaps: _Gaps | None


@dataclass(frozen=True)
class _Seen:
    """What is to be remembered of some ticks."""

    residuals: Sequence[Block | None]
    apart: Block
    gaps: _Gaps | None
    strange: Block
    ahead: _Ahead
    at: slice

    def residuals_of(self, some: Places) -> Block:
        """(views, series, time): what views saw of some ticks; not in the windows of incidents."""
        strange = self.strange[some]
        block = np.full((len(VIEWS), *strange.shape), np.nan)
        for view, residual, out in zip(VIEWS, self.residuals, block, strict=True):
            if residual is not None:
                out[:] = residual[some]
                out[strange < view.needs] = np.nan
                if self.gaps is not None and view.neighbours:
                    out[self.gaps.fresh[some] < view.needs] = np.nan
        return block.swapaxes(1, 2)

    def distances_of(self, some: Places) -> Block:
        """(2 x seasons, series, time): from what the seasons said."""
        block = self.ahead.distances(self.at, some)
        block[:, self.strange[some] < SEASON_NEEDS] = np.nan
        if self.gaps is not None:
            block[:, ~self.gaps.present[some]] = np.nan
        return block.swapaxes(1, 2)

    def peaks(self) -> Block:
        """(views, series): how far each view was from its middle at most."""
        odd = np.flatnonzero(self.strange.min(axis=0) < MOST_NEEDED)
        if len(odd):
            some = self.apart[:, :, odd]
            some[self.strange[:, odd] < NEEDS[:, None, None]] = np.nan
            self.apart[:, :, odd] = some
        peaks: Block = np.fmax.reduce(self.apart, axis=1)
        return peaks


def _bounded(values: Block) -> Block:
    """Values that numbers made of them are not beyond; infinities are none."""
    if np.abs(values).max(initial=0.0) <= LARGEST:
        return values
    return np.where(np.isinf(values), np.nan, np.clip(values, -LARGEST, LARGEST))


def _residuals(stretch: Stretch, gaps: _Gaps | None) -> list[Block | None]:
    """What each view sees, (time, series); None, or NaN, where it is mute."""
    residuals = [view.residual(stretch) for view in VIEWS]
    if gaps is None:
        return residuals
    return [
        None
        if residual is None
        else np.where(gaps.present & (gaps.ages >= view.needs), residual, np.nan)
        for view, residual in zip(VIEWS, residuals, strict=True)
    ]


def _soften(loudness: Block, said: Block, known: Knowledge) -> None:
    """What the season says far from the level, such as of a nightly job, it says less exactly."""
    beyond = np.abs(said - known.level) - FAR * known.scales[LEVEL]
    beyond = np.fmax(beyond, 0.0)
    if not beyond.any():
        return
    apart = SHARE_OF_SEASON * beyond
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


def _expectation(stretch: Stretch, known: Knowledge, gaps: _Gaps | None) -> tuple[Block, Block]:
    """What is expected, and the usual distance from it: by level, short median or season.

    The simplest counts unless another is closer by far. What is the same at all ticks is a row.
    """
    usual: Block = known.scales[LEVEL]
    expected = np.where(np.isnan(usual), np.nan, known.level)
    short = stretch.short_median
    if gaps is not None:
        short = np.where(gaps.fresh < VIEWS[SHORT].needs, np.nan, short)
    voices = [(short, known.scales[SHORT])]
    if stretch.seasonal is not None:
        voices.append((stretch.seasonal[1:], known.season_scale))
    for voice, distance in voices:
        closer = distance < PREFERRED * usual
        if closer.any():
            closer = closer & ~np.isnan(voice)
            expected = np.where(closer, voice, expected)
            usual = np.where(closer, distance, usual)
    return np.broadcast_to(expected, short.shape), usual


def _as_always(past: Block, lasting: Block, said: Block) -> Block:
    """The past of one series as it would be, had the series always been as what lasts.

    Moved by as much; stretched, as of traffic that is halved; or without any shape, where what
    lasts follows none. The simplest counts unless another is closer by far.
    """
    nearest, now = _spread(lasting - said), past + np.median(lasting - said)
    factor = np.median(lasting) / max(np.median(said), LEAST)
    if factor > 0 and (spread := _spread(lasting - factor * said)) < PREFERRED * nearest:
        nearest, now = spread, factor * past
    if _spread(lasting) < PREFERRED * nearest:
        # The newest first, so that it does not matter how much of the past is held.
        drawn = np.random.default_rng(0).integers(len(lasting), size=len(past))[::-1]
        now = lasting[drawn]
    return now


def _spread(values: Block) -> float:
    """Usual distance from the middle."""
    return float(np.median(np.abs(values - np.median(values))))


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
