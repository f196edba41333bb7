"""What a stream remembers of its past, and what follows from it until the next refresh."""

from dataclasses import dataclass, replace

import numpy as np

from anomaly.detector import calibration
from anomaly.detector.arrays import DAY, Block, Flags, Row
from anomaly.detector.history import History
from anomaly.detector.samples import SHARE_OF_LARGEST, Samples, floor, scale
from anomaly.detector.season import LONGEST_STEP, SEASONS
from anomaly.detector.stored import Stored
from anomaly.detector.views import PLACES, VIEWS, Forecast, fit

SLOTS = 256
REACH = 8192
"""Ticks that residuals are remembered of, and how many of them."""

LEVEL = PLACES["level"]
SEASON, SEASON_CHANGE = PLACES["season"], PLACES["season_change"]
UNCENTRED = [place for place, view in enumerate(VIEWS) if not view.centred]

RESTLESSNESS_FLOOR = 0.05
"""Least usual size of residuals that are logarithms."""

PEAK_HALF_LIFE = DAY
"""Seconds in which the largest residual fades by half. Thinning may miss what is rare; so what
comes back every day stays comparable, and what does not is forgotten."""

PREFERRED = 0.9
"""A season or a median replaces what is simpler when its residuals are smaller by that factor."""

REVEALING = 0.3
"""A season that makes so much of a difference changes what is news."""

FIT_GROWTH = 4
"""The autoregression is fitted anew when the past has grown by a quarter ..."""

FIT_LATEST = 1024
"""... or by so many ticks."""


@dataclass(frozen=True)
class Knowledge(Stored):
    """What holds between two refreshes; rows are (series,)."""

    since: int
    """Tick of the refresh."""

    step: float
    """Seconds between ticks."""

    level: Row
    """Usual value."""

    least: Row
    """Least residual that means anything."""

    centres: Block
    """(views, series): middle of the residuals; 0 of views that are centred by themselves."""

    scales: Block
    """(views, series): usual size of the residuals; NaN while too few are known."""

    bound: Row
    """Strength that scores 1; infinite while too few strengths are known."""

    sure: Row
    """The score above which one tick leaves no doubt; more where the series' tail is heavy."""

    seasons: int
    """So many of SEASONS can speak by now."""

    by_week: Flags
    """Where the day of the week says more than the days before."""

    by_season: Flags
    """Where the season says more than the level."""

    season_scale: Row
    """Usual distance from the season; NaN while unknown."""

    forecast: Forecast | None
    """Autoregression."""

    fit_at: int
    """Tick from which on it is fitted anew."""

    def only(self, series: slice) -> "Knowledge":
        """The same of some series."""
        rows = {name: getattr(self, name)[..., series] for name in ROWS}
        forecast = None if self.forecast is None else self.forecast.only(series)
        return replace(self, **rows, forecast=forecast)

    def put(self, series: slice, learnt: "Knowledge") -> None:
        """Take over what was learnt anew of some series."""
        for name in ROWS:
            getattr(self, name)[..., series] = getattr(learnt, name)
        if self.forecast is not None and learnt.forecast is not None:
            self.forecast.put(series, learnt.forecast)


ROWS = (
    *("level", "least", "centres", "scales", "bound", "sure"),
    *("by_week", "by_season", "season_scale"),
)
"""Fields that hold something for each series."""


@dataclass
class Memory(Stored):
    """Thinned residuals and strengths."""

    residuals: Samples
    """(views, series): what each view saw."""

    peaks: Block
    """(views, series): the largest distance from the middle, fading; thinning might miss it."""

    newest_peaks: Block
    """(views, series): the largest since the last refresh."""

    seasons: Samples
    """(2 x seasons, series): distances from what each season said; of values, then of changes."""

    strengths: Samples
    """(series,): strengths of ticks."""

    @classmethod
    def empty(cls, series: int) -> "Memory":
        """Nothing yet."""
        return cls(
            Samples.empty((len(VIEWS), series), SLOTS, REACH),
            np.zeros((len(VIEWS), series)),
            np.zeros((len(VIEWS), series)),
            Samples.empty((2 * len(SEASONS), series), SLOTS, REACH),
            Samples.empty((series,), calibration.SLOTS, calibration.REACH),
        )

    def knowledge(
        self, history: History, at: int, tick: int, before: Knowledge | None
    ) -> Knowledge | None:
        """Learn from what is remembered of the time before a tick.

        Without a step, as long as all neighbours have the same time, what was known goes on.

        Args:
            history: the values themselves.
            at: where the tick lies in it.
            tick: its number.
            before: what was known until now.
        """
        step = history.step(at)
        if step is None:
            return before
        self._fade(step, 0 if before is None else tick - before.since)
        known = self._known(history, at, tick, step, before)
        if before is not None:
            known = replace(known, forecast=before.forecast, fit_at=before.fit_at)
        return known if tick < known.fit_at else _fitted(known, history.values[:at], tick)

    def learnt(
        self, history: History, at: int, before: Knowledge, forecast: Forecast | None
    ) -> Knowledge:
        """What follows from residuals that were learnt anew."""
        known = self._known(history, at, before.since, before.step, before)
        return replace(
            known, forecast=forecast, fit_at=before.fit_at, bound=before.bound, sure=before.sure
        )

    def _known(
        self, history: History, at: int, tick: int, step: float, before: Knowledge | None
    ) -> Knowledge:
        centres = self._centres()
        level = centres[LEVEL]
        least = floor(level)
        scales = self._scales(centres, least)
        daily, weekly, *changes = self._season_scales(least)
        by_week = _better(weekly, daily, None if before is None else before.by_week)
        season_scale = np.where(by_week, weekly, daily)
        scales[SEASON] = season_scale
        scales[SEASON_CHANGE] = np.where(by_week, changes[1], changes[0])
        by_season = _better(
            season_scale, scales[LEVEL], None if before is None else before.by_season
        )
        if before is not None:
            # What was news while nobody knew the season says nothing of what is news now.
            taught = by_week & ~before.by_week & (weekly < REVEALING * daily)
            taught |= by_season & ~before.by_season & (season_scale < REVEALING * scales[LEVEL])
            taught &= season_scale > least  # by zeros alone nobody is taught
            self.strengths.values[taught] = np.nan
        bound, sure = self._bound(step)
        return Knowledge(
            since=tick,
            step=step,
            level=level.copy(),
            least=least,
            centres=centres,
            scales=scales,
            bound=bound,
            sure=np.where(by_season, 1.0, sure),
            seasons=_seasons(history, at, step),
            by_week=by_week,
            by_season=by_season,
            season_scale=season_scale,
            forecast=None,
            fit_at=0,
        )

    def _fade(self, step: float, ticks: int) -> None:
        self.peaks = np.fmax(self.peaks * 0.5 ** (ticks * step / PEAK_HALF_LIFE), self.newest_peaks)
        self.newest_peaks = np.zeros_like(self.peaks)

    def _centres(self) -> Block:
        centres = np.zeros(self.residuals.values.shape[:-1])
        centres[UNCENTRED] = np.nan_to_num(self.residuals.ordered(UNCENTRED).quantile(0.5))
        return centres

    def _scales(self, centres: Block, least: Row) -> Block:
        floors = np.stack(
            [least if view.own_scale else np.full_like(least, RESTLESSNESS_FLOOR) for view in VIEWS]
        )
        sizes = self.residuals.distances(centres)
        enough = np.array([[view.samples] for view in VIEWS])
        return np.where(
            sizes.counts >= enough,
            scale(sizes, np.fmax(floors, SHARE_OF_LARGEST * self.peaks)),
            np.nan,
        )

    def _season_scales(self, least: Row) -> Block:
        sizes = self.seasons.distances(np.zeros(self.seasons.values.shape[:-1]))
        return np.where(sizes.counts >= VIEWS[LEVEL].samples, scale(sizes, least), np.nan)

    def _bound(self, step: float) -> tuple[Row, Row]:
        strengths = self.strengths.ordered()
        known = strengths.counts >= calibration.LEAST_SAMPLES
        bound, sure = calibration.bound(strengths, step)
        return np.where(known, bound, np.inf), sure

    def only(self, series: slice) -> "Memory":
        """Some series; what is changed in one is changed in the other."""
        return Memory(
            self.residuals.only(series),
            self.peaks[:, series],
            self.newest_peaks[:, series],
            self.seasons.only(series),
            self.strengths.only(series),
        )

    def relearn(self, residuals: Block, distances: Block) -> None:
        """Remember these, and nothing of before.

        Args:
            residuals: (views, time, series).
            distances: (2 x seasons, time, series), from what each season said.
        """
        self.residuals.fill(np.moveaxis(residuals, 1, -1))
        self.seasons.fill(np.moveaxis(distances, 1, -1))
        centres = self._centres()
        self.newest_peaks[:] = 0.0
        self.peaks[:] = np.nan_to_num(np.fmax.reduce(np.abs(residuals - centres[:, None]), axis=1))


def _better(one: Row, other: Row, before: Flags | None) -> Flags:
    """Where one is smaller than the other by far; what was so before stays so for a while."""
    enough = PREFERRED if before is None else np.where(before, 1 / PREFERRED, PREFERRED)
    better: Flags = one < enough * np.where(np.isnan(other), np.inf, other)
    return better


def _fitted(known: Knowledge, values: Block, tick: int) -> Knowledge:
    """The same, with an autoregression fitted to the past."""
    usual = known.scales[LEVEL]
    forecast = fit(values, known.level, np.where(np.isnan(usual), known.least, usual))
    fit_at = tick + min(tick // FIT_GROWTH, FIT_LATEST)
    return replace(known, forecast=forecast, fit_at=fit_at)


def _seasons(history: History, at: int, step: float) -> int:
    """How many of them the history is long enough for by now."""
    if step > LONGEST_STEP:
        return 0
    age = history.times[at - 1] - history.start
    return sum(age >= season[0] * DAY for season in SEASONS)
