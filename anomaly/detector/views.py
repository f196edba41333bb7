"""The views of a series: each a residual that is near zero while all is well.

One view sees a spike, another a slow shift, a third that a series has become restless or still.
They are cheap, made of differences, short medians and sums, and each looks at the past only.

The forecast behind one of them is an autoregression: ridge regression on a few lags, fitted anew
now and then to at most the last 2,048 values, of which every so-manieth is a target. Values are
measured from the level in units of the scale and clipped, so that one burst does not bend the fit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anomaly.detector.arrays import CONTEXT, Block, Row, median_of_three
from anomaly.detector.stored import Stored

LAGS = (1, 2, 3, 4, 6, 8, 12)
"""Ticks before the next one that speak for it."""

SPAN = 2048
"""Ticks that are fitted to, at most."""

TARGETS = 256
"""Of which so many are targets."""

LEAST_TARGETS = 12
"""With fewer there is no fit."""

RIDGE = 1e-3
"""Pull of the coefficients to zero, per target; steadies series that do not move."""

CLIP = 6.0
"""Scales from the level that still count in full."""


@dataclass(frozen=True)
class Forecast(Stored):
    """Coefficients of each series."""

    weights: Block
    """(lags + 1, series); the last row is the constant."""

    level: Row
    """What values are measured from."""

    scale: Row
    """In which unit."""

    def only(self, series: slice) -> "Forecast":
        """The same of some series."""
        return Forecast(self.weights[:, series], self.level[series], self.scale[series])

    def put(self, series: slice, fitted: "Forecast") -> None:
        """Take over what was fitted anew for some series."""
        self.weights[:, series] = fitted.weights
        self.level[series] = fitted.level
        self.scale[series] = fitted.scale

    def predict(self, values: Block, ticks: int) -> Block:
        """What was to be expected of the last `ticks` ticks of a stretch with its context."""
        units = values[len(values) - ticks - max(LAGS) : len(values) - 1] - self.level
        units /= self.scale
        np.maximum(units, -CLIP, out=units)
        np.minimum(units, CLIP, out=units)
        total, part = np.repeat(self.weights[-1:], ticks, axis=0), np.empty((ticks, units.shape[1]))
        for weight, lag in zip(self.weights[:-1], LAGS, strict=True):
            first = max(LAGS) - lag
            np.multiply(units[first : first + ticks], weight, out=part)
            total += part
        total *= self.scale
        total += self.level
        return total


def fit(values: Block, level: Row, scale: Row) -> Forecast | None:
    """Fit to the newest of `values`, (time, series); None when they are too few."""
    recent = values[-SPAN:]
    first, end = max(LAGS), len(recent)
    if end - first < LEAST_TARGETS:
        return None
    spacing = max(1, (end - first) // TARGETS)
    first += (end - 1 - first) % spacing  # so that the newest value is a target
    units = np.clip((recent - level) / scale, -CLIP, CLIP).T.astype(np.float32, order="C")
    targets = units[:, first:end:spacing]
    design = np.ones((len(units), len(LAGS) + 1, targets.shape[1]), np.float32)
    for row, lag in enumerate(LAGS):
        design[:, row] = units[:, first - lag : end - lag : spacing]
    gram = np.matmul(design, design.transpose(0, 2, 1)).astype(np.float64)
    moment = np.matmul(design, targets[:, :, None]).astype(np.float64)
    diagonal = np.arange(len(LAGS) + 1)
    gram[:, diagonal, diagonal] += RIDGE * targets.shape[1]
    weights = np.linalg.solve(gram, moment)[:, :, 0]
    return Forecast(np.ascontiguousarray(weights.T), level.copy(), scale.copy())


SHORT = 9
"""Points of the short median; so few that a fixed network of comparisons finds it cheaply."""

RESTLESS = 12
"""Changes whose mean is restlessness."""


class Scene:
    """Some consecutive ticks and what came before them.

    What views make of them that need no knowledge is worked out once, however often there is a
    refresh among the ticks.
    """

    def __init__(self, values: Block) -> None:
        """Of (CONTEXT + ticks, series), the context first, gaps filled with what came before."""
        self.values = values
        self.ticks = len(values) - CONTEXT
        self._forecast: tuple[Forecast, int, Block] | None = None

    def _rows(self, block: Block, lag: int = 0, more: int = 0) -> Block:
        """The rows that end `lag` before the last: one for each tick, and `more` before them."""
        end = len(block) - lag
        return block[end - self.ticks - more : end]

    @cached_property
    def _steps(self) -> Block:
        """Differences between neighbours as far back as is looked; the last is the last tick's."""
        values = self.values[CONTEXT - RESTLESS :]
        return values[1:] - values[:-1]

    @cached_property
    def change(self) -> Block:
        """Distance from the value before."""
        return self._rows(self._steps)

    @cached_property
    def _sums(self) -> Mapping[int, Block]:
        """Sums of 2, 4, 8 and 16 neighbours; the last ends at the last tick."""
        return _doubled(self.values)

    @cached_property
    def short_median(self) -> Block:
        """Median of the nine values before each tick."""
        return median_of_nine(self.values[CONTEXT - SHORT : -1])

    @cached_property
    def _sixes(self) -> Block:
        """Means of six ticks that end at each tick, and at the six before."""
        sums = self._sums
        return (self._rows(sums[4], more=6) + self._rows(sums[2], 4, more=6)) / 6

    @cached_property
    def mean_of_six(self) -> Block:
        """Mean of the six ticks that end at each tick."""
        return self._sixes[6:]

    @cached_property
    def drift(self) -> Block:
        """Six ticks against the six before."""
        return self._sixes[6:] - self._sixes[:-6]

    @cached_property
    def slow_drift(self) -> Block:
        """24 ticks against the 24 before."""
        sums = self._sums
        means = (self._rows(sums[16], more=24) + self._rows(sums[8], 16, more=24)) / 24
        return means[24:] - means[:-24]

    @cached_property
    def mean_change(self) -> Block:
        """Mean of the last twelve changes, whatever their sign."""
        sums = _doubled(np.abs(self._steps), 8)
        return (self._rows(sums[8]) + self._rows(sums[4], 8)) / RESTLESS

    def surprise(self, forecast: Forecast, at: slice) -> Block:
        """Distance from what a forecast says of some of the ticks."""
        if self._forecast is None or self._forecast[0] is not forecast:
            ahead = forecast.predict(self.values[at.start :], self.ticks - at.start)
            self._forecast = forecast, at.start, self.values[CONTEXT + at.start :] - ahead
        _, first, distances = self._forecast
        return distances[at.start - first : at.stop - first]


@dataclass(frozen=True)
class Stretch:
    """Some ticks of a scene, and what is known at their beginning."""

    scene: Scene
    """What they are of."""

    at: slice
    """Which of its ticks."""

    level: Row
    """The usual value of each series."""

    least: Row
    """The least residual that means anything."""

    forecast: Forecast | None
    """Autoregression, once there is enough to fit it to."""

    seasonal: Block | None
    """(1 + ticks, series): what the season says, from the tick before on; NaN where it is mute."""

    @property
    def values(self) -> Block:
        """What came."""
        return self.scene.values[CONTEXT + self.at.start : CONTEXT + self.at.stop]

    @property
    def short_median(self) -> Block:
        """Median of the nine values before each tick."""
        return self.scene.short_median[self.at]


def _doubled(values: Block, widest: int = 16) -> dict[int, Block]:
    sums: dict[int, Block] = {1: values}
    while (width := max(sums)) < widest:
        half = sums[width]
        sums[2 * width] = half[width:] + half[:-width]
    return sums


def median_of_nine(values: Block) -> Block:
    """Median of each nine consecutive values.

    Of the medians of three triples, their largest low and their smallest high; triples are shared.
    """
    one, two, three = values[:-2], values[1:-1], values[2:]
    low, high = np.minimum(one, two), np.maximum(one, two)
    middle = np.maximum(low, np.minimum(high, three))
    np.minimum(low, three, out=low)
    np.maximum(high, three, out=high)
    lows = np.maximum(np.maximum(low[:-6], low[3:-3]), low[6:])
    highs = np.minimum(np.minimum(high[:-6], high[3:-3]), high[6:])
    return median_of_three(lows, median_of_three(middle[:-6], middle[3:-3], middle[6:]), highs)


def level(stretch: Stretch) -> Block:
    """The value itself, to be held against its own middle: sees what is large or small at all."""
    return stretch.values


def change(stretch: Stretch) -> Block:
    """Distance from the value before: sees edges."""
    return stretch.scene.change[stretch.at]


def short(stretch: Stretch) -> Block:
    """Distance from the median of the last nine: sees spikes and the beginning of shifts."""
    return stretch.values - stretch.short_median


def surprise(stretch: Stretch) -> Block | None:
    """Distance from the autoregression's forecast: sees what breaks a pattern."""
    if stretch.forecast is None:
        return None
    return stretch.scene.surprise(stretch.forecast, stretch.at)


def drift(stretch: Stretch) -> Block:
    """Six ticks against the six before: sees shifts that are small for one point."""
    return stretch.scene.drift[stretch.at]


def slow_drift(stretch: Stretch) -> Block:
    """24 ticks against the 24 before: sees slow shifts."""
    return stretch.scene.slow_drift[stretch.at]


def sustained(stretch: Stretch) -> Block:
    """Mean of six ticks against the usual value: sees what stays away."""
    return stretch.scene.mean_of_six[stretch.at] - stretch.level


def restlessness(stretch: Stretch) -> Block:
    """Logarithm of the mean change of 12 ticks: sees noise that swells, and lines gone flat."""
    changes = stretch.scene.mean_change[stretch.at] + stretch.least
    return np.log(changes, out=changes)


def season(stretch: Stretch) -> Block | None:
    """Distance from what the same time of other days says."""
    if stretch.seasonal is None:
        return None
    return stretch.values - stretch.seasonal[1:]


def season_change(stretch: Stretch) -> Block | None:
    """Change that the same time of other days did not show: edges out of season."""
    if stretch.seasonal is None:
        return None
    return change(stretch) - (stretch.seasonal[1:] - stretch.seasonal[:-1])


@dataclass(frozen=True)
class View:
    """One way to look at a series."""

    name: str
    """Name in explanations."""

    residual: Callable[[Stretch], Block | None]
    """What it sees, near zero while all is well; None while it cannot see."""

    needs: int
    """Values of a series that must have come, the present one included."""

    samples: int = 24
    """Residuals to remember before their usual size is known; more where neighbours are alike."""

    centred: bool = True
    """Whether residuals lie around zero by themselves; else around their own median."""

    own_scale: bool = True
    """Whether residuals are in the unit of the series."""

    from_level: bool = False
    """Whether it measures from the usual value."""

    explained_by: int = 0
    """Ticks of the season that explain what it sees; 0 where it is the season that it sees."""

    neighbours: bool = True
    """Whether it compares neighbours; after a long gap it is quiet until it has new ones."""


VIEWS: tuple[View, ...] = (
    View("surprise", surprise, needs=14, explained_by=13),
    View("level", level, needs=2, explained_by=1, centred=False, from_level=True, neighbours=False),
    View("short", short, needs=SHORT + 1, explained_by=SHORT + 1),
    View("drift", drift, needs=13, explained_by=12, samples=36),
    View("slow_drift", slow_drift, needs=49, explained_by=48, samples=96, neighbours=False),
    View(
        "restlessness",
        restlessness,
        needs=14,
        explained_by=13,
        samples=48,
        centred=False,
        own_scale=False,
    ),
    View("season_change", season_change, needs=2),
    View("change", change, needs=2, explained_by=2),
    View("season", season, needs=2, neighbours=False),
    View(
        "sustained",
        sustained,
        needs=7,
        explained_by=6,
        samples=36,
        from_level=True,
        neighbours=False,
    ),
)
"""Those that are fused; the order decides ties in explanations."""

PLACES = {view.name: place for place, view in enumerate(VIEWS)}
"""Where each stands."""
