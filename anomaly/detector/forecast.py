"""Autoregression: what the last dozen values of each series say of the next.

Ridge regression on a few lags, fitted anew now and then to at most the last 2,048 values, of which
every so-manieth is a target. Values are measured from the level in units of the scale and clipped,
so that one burst does not bend the fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
