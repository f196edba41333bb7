"""What a stream remembers of its past, and what follows from it until the next refresh."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from anomaly.detection import calibration
from anomaly.detection.arrays import DAY, Block, Flags, Row
from anomaly.detection.forecast import Forecast, fit
from anomaly.detection.history import History
from anomaly.detection.samples import Samples
from anomaly.detection.scale import SHARE_OF_LARGEST, floor, scale
from anomaly.detection.season import LONGEST_STEP, SEASONS
from anomaly.detection.views import PLACES, VIEWS

SLOTS = 256
REACH = 8192
"""Ticks that residuals are remembered of, and how many of them."""

LEVEL = PLACES["level"]
UNCENTRED = [place for place, view in enumerate(VIEWS) if not view.centred]

RESTLESSNESS_FLOOR = 0.05
"""Least usual size of residuals that are logarithms."""

PEAK_HALF_LIFE = DAY
"""Seconds in which the largest residual fades by half. Thinning may miss what is rare; so what
comes back every day stays comparable, and what does not is forgotten."""

PREFERRED = 0.9
"""A season or a median replaces what is simpler when its residuals are smaller by that factor."""

FIT_GROWTH = 4
"""The autoregression is fitted anew when the past has grown by a quarter ..."""

FIT_LATEST = 1024
"""... or by so many ticks."""


@dataclass(frozen=True)
class Knowledge:
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

    seasons: int
    """So many of SEASONS can speak by now."""

    by_week: Flags
    """Where the day of the week says more than the days before."""

    season_scale: Row
    """Usual distance from the season; NaN while unknown."""

    forecast: Forecast | None
    """Autoregression."""

    fit_at: int
    """Tick from which on it is fitted anew."""

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        own = {part.name: np.array(getattr(self, part.name)) for part in fields(self)}
        del own["forecast"]
        forecast = {} if self.forecast is None else self.forecast.state()
        return own | {f"forecast.{key}": value for key, value in forecast.items()}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Knowledge":
        """The knowledge that gave that state."""
        rows = ("level", "least", "centres", "scales", "bound", "season_scale")
        forecast = {key.partition(".")[2]: value for key, value in state.items() if "." in key}
        return cls(
            since=int(state["since"]),
            step=float(state["step"]),
            seasons=int(state["seasons"]),
            by_week=np.array(state["by_week"], np.bool_),
            forecast=Forecast.restored(forecast) if forecast else None,
            fit_at=int(state["fit_at"]),
            **{name: np.array(state[name], np.float64) for name in rows},
        )


THINNED = ("residuals", "seasons", "strengths")


@dataclass
class Memory:
    """Thinned residuals and strengths."""

    residuals: Samples
    """(views, series): what each view saw."""

    peaks: Block
    """(views, series): the largest distance from the middle, fading; thinning might miss it."""

    newest_peaks: Block
    """(views, series): the largest since the last refresh."""

    seasons: Samples
    """(seasons, series): distances from what each season said."""

    strengths: Samples
    """(series,): strengths of ticks."""

    @classmethod
    def empty(cls, series: int) -> "Memory":
        """Nothing yet."""
        return cls(
            Samples.empty((len(VIEWS), series), SLOTS, REACH),
            np.zeros((len(VIEWS), series)),
            np.zeros((len(VIEWS), series)),
            Samples.empty((len(SEASONS), series), SLOTS, REACH),
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
        centres = self._centres()
        level = centres[LEVEL]
        least = floor(level)
        scales = self._scales(centres, least)
        daily, weekly = self._season_scales(least)
        by_week = weekly < PREFERRED * np.where(np.isnan(daily), np.inf, daily)
        known = Knowledge(
            since=tick,
            step=step,
            level=level,
            least=least,
            centres=centres,
            scales=scales,
            bound=self._bound(step),
            seasons=_seasons(history, at, step),
            by_week=by_week,
            season_scale=np.where(by_week, weekly, daily),
            forecast=None if before is None else before.forecast,
            fit_at=0 if before is None else before.fit_at,
        )
        return known if tick < known.fit_at else _fitted(known, history.values[:at], tick)

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

    def _bound(self, step: float) -> Row:
        strengths = self.strengths.ordered()
        known = strengths.counts >= calibration.LEAST_SAMPLES
        return np.where(known, calibration.bound(strengths, step), np.inf)

    def relearn(self, series: Flags, recent: Block) -> None:
        """Learn the level of some series anew, for it has changed for good.

        Args:
            series: which of them.
            recent: (time, series), the values to learn from.
        """
        for place, view in enumerate(VIEWS):
            if view.from_level:
                self.residuals.values[place, series] = np.nan
        recent = recent[-SLOTS:]
        self.residuals.values[LEVEL, series, : len(recent)] = recent[:, series].T

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        parts = {
            f"{name}.{key}": value
            for name in THINNED
            for key, value in getattr(self, name).state().items()
        }
        return parts | {"peaks": self.peaks, "newest_peaks": self.newest_peaks}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Memory":
        """The memory that gave that state."""
        residuals, seasons, strengths = (
            Samples.restored({key: state[f"{name}.{key}"] for key in ("values", "ticks", "counts")})
            for name in THINNED
        )
        peaks, newest = (np.array(state[name], np.float64) for name in ("peaks", "newest_peaks"))
        return cls(residuals, peaks, newest, seasons, strengths)


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
    return sum(age >= season.days[0] * DAY for season in SEASONS)
