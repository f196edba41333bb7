"""The views of a series: each a residual that is near zero while all is well.

One view sees a spike, another a slow shift, a third that a series has become restless or still.
They are cheap, made of differences, short medians and sums, and each looks at the past only.

The forecast behind one of them is an autoregression: ridge regression on a few lags, fitted anew
now and then to at most the last 2,048 values, of which every so-manieth is a target. Values are
measured from the level in units of the scale and clipped, so that one burst does not bend the fit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import CONTEXT, Block, Row

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
class Forecast:
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
        units = np.clip((values - self.level) / self.scale, -CLIP, CLIP)
        total = np.repeat(self.weights[-1:], ticks, axis=0)
        for weight, lag in zip(self.weights[:-1], LAGS, strict=True):
            total += weight * units[CONTEXT - lag : CONTEXT - lag + ticks]
        return self.level + self.scale * total

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {"weights": self.weights, "level": self.level, "scale": self.scale}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Forecast":
        """The forecast that gave that state."""
        weights, level, scale = (
            np.array(state[name], np.float64) for name in ("weights", "level", "scale")
        )
        return cls(weights, level, scale)


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
"""Points of the short median; as many as a fixed network of comparisons sorts cheaply."""

RESTLESS = 12
"""Changes whose mean is restlessness."""

MEDIAN_OF_NINE = (
    *((0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7)),
    *((0, 3), (5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)
"""Comparisons after which the middle one of nine is in its place (Paeth, Graphics Gems, 1990)."""


@dataclass(frozen=True)
class Stretch:
    """Some consecutive ticks, what came before them, and what is known at their beginning."""

    values: Block
    """(CONTEXT + ticks, series), the context first; gaps filled with the value before them."""

    level: Row
    """The usual value of each series."""

    least: Row
    """The least residual that means anything."""

    forecast: Forecast | None
    """Autoregression, once there is enough to fit it to."""

    seasonal: Block | None
    """(1 + ticks, series): what the season says, from the tick before on; NaN where it is mute."""

    @property
    def ticks(self) -> int:
        """Ticks to judge."""
        return len(self.values) - CONTEXT

    def back(self, lag: int) -> Block:
        """The values `lag` ticks before each tick."""
        return self.values[CONTEXT - lag : len(self.values) - lag]

    @cached_property
    def steps(self) -> Block:
        """Differences between neighbours as far back as is looked; the last is the last tick's."""
        values = self.values[CONTEXT - RESTLESS :]
        return values[1:] - values[:-1]

    @cached_property
    def sums(self) -> Mapping[int, Block]:
        """Sums of 2, 4, 8 and 16 neighbours; the last ends at the last tick."""
        return _doubled(self.values)

    @cached_property
    def short_median(self) -> Block:
        """Median of the nine values before each tick."""
        return median_of_nine([self.back(lag) for lag in range(1, SHORT + 1)])

    def mean_of_six(self, lag: int) -> Block:
        """Mean of six ticks, the last of them `lag` before each tick."""
        return (self._sum(4, lag) + self._sum(2, lag + 4)) / 6

    def mean_of_day_part(self, lag: int) -> Block:
        """Mean of 24 ticks, the last of them `lag` before each tick."""
        return (self._sum(16, lag) + self._sum(8, lag + 16)) / 24

    def _sum(self, width: int, lag: int) -> Block:
        return _until(self.sums[width], lag, self.ticks)


def _doubled(values: Block, widest: int = 16) -> dict[int, Block]:
    sums: dict[int, Block] = {1: values}
    while (width := max(sums)) < widest:
        half = sums[width]
        sums[2 * width] = half[width:] + half[:-width]
    return sums


def _until(block: Block, lag: int, ticks: int) -> Block:
    """The `ticks` rows that end `lag` before the last."""
    return block[len(block) - lag - ticks : len(block) - lag]


def median_of_nine(rows: Sequence[Block]) -> Block:
    """Median of nine blocks, place by place."""
    nine = list(rows)
    for one, other in MEDIAN_OF_NINE:
        low, high = np.minimum(nine[one], nine[other]), np.maximum(nine[one], nine[other])
        nine[one], nine[other] = low, high
    return nine[4]


def level(stretch: Stretch) -> Block:
    """The value itself, to be held against its own middle: sees what is large or small at all."""
    return stretch.back(0)


def change(stretch: Stretch) -> Block:
    """Distance from the value before: sees edges."""
    return _until(stretch.steps, 0, stretch.ticks)


def short(stretch: Stretch) -> Block:
    """Distance from the median of the last nine: sees spikes and the beginning of shifts."""
    return stretch.back(0) - stretch.short_median


def surprise(stretch: Stretch) -> Block | None:
    """Distance from the autoregression's forecast: sees what breaks a pattern."""
    if stretch.forecast is None:
        return None
    return stretch.back(0) - stretch.forecast.predict(stretch.values, stretch.ticks)


def drift(stretch: Stretch) -> Block:
    """Six ticks against the six before: sees shifts that are small for one point."""
    return stretch.mean_of_six(0) - stretch.mean_of_six(6)


def slow_drift(stretch: Stretch) -> Block:
    """24 ticks against the 24 before: sees slow shifts."""
    return stretch.mean_of_day_part(0) - stretch.mean_of_day_part(24)


def sustained(stretch: Stretch) -> Block:
    """Mean of six ticks against the usual value: sees what stays away."""
    return stretch.mean_of_six(0) - stretch.level


def restlessness(stretch: Stretch) -> Block:
    """Logarithm of the mean change of 12 ticks: sees noise that swells, and lines gone flat."""
    sums = _doubled(np.abs(stretch.steps), 8)
    changes = _until(sums[8], 0, stretch.ticks) + _until(sums[4], 8, stretch.ticks)
    return np.log(np.ascontiguousarray(changes / RESTLESS + stretch.least))


def season(stretch: Stretch) -> Block | None:
    """Distance from what the same time of other days says."""
    if stretch.seasonal is None:
        return None
    return stretch.back(0) - stretch.seasonal[1:]


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
