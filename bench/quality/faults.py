"""Faults to put into series: each changes values from a point on and says which points it is.

The labels are those that a person would give who watches the series: the whole fault while it
lasts, and of a change that stays, its first points.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Fault = Callable[[Vector, int, np.random.Generator], slice]
"""Change values in place, from an index on; return what is labelled."""

SETTLING = 24
"""Points after which a change that stays is no longer news."""


def spike(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """One to three points far above."""
    end = at + int(generator.integers(1, 4))
    values[at:end] += generator.uniform(1.0, 3.0) * _reach(values)
    return slice(at, end)


def drop(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """Most of the signal is gone for a while, as in an outage."""
    end = at + int(generator.integers(4, 30))
    values[at:end] *= generator.uniform(0.0, 0.3)
    return slice(at, end)


def level_shift(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """Everything lies higher or lower from here on."""
    values[at:] += generator.choice([-0.3, 0.7, 1.0]) * _reach(values)
    return slice(at, at + SETTLING)


def burst(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """Restless for a while, around the same level."""
    end = at + int(generator.integers(12, 48))
    restless = values[at:end] + generator.normal(0, 0.8, end - at) * _reach(values)
    values[at:end] = np.maximum(restless, 0)
    return slice(at, end)


def flat_line(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """Stuck at the last value."""
    end = at + int(generator.integers(36, 72))
    values[at:end] = values[at]
    return slice(at, end)


def denser_spikes(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """Spikes as there always were some, but all at once in many places."""
    end = at + 96
    places = at + np.flatnonzero(generator.random(end - at) < 0.25)  # noqa: PLR2004 - one in four
    values[places] += generator.uniform(0.5, 1.0, len(places)) * _reach(values)
    return slice(at, end)


def drift(values: Vector, at: int, generator: np.random.Generator) -> slice:
    """Slowly up, as a leak, until it is restarted."""
    end = at + int(generator.integers(150, 250))
    values[at:end] += np.linspace(0, 1.5, end - at) * _reach(values)
    return slice(at, end)


def plant(
    values: Vector, faults: tuple[Fault, ...], generator: np.random.Generator
) -> tuple[Vector, NDArray[np.bool_]]:
    """Put faults into a copy of a series, apart from each other and not into its first third."""
    changed = values.copy()
    labels = np.zeros(len(values), dtype=bool)
    begin = len(values) // 3
    slot = (len(values) - begin) // max(len(faults), 1)
    for number, fault in enumerate(faults):
        at = begin + number * slot + int(generator.integers(slot // 8, slot // 2))
        labels[fault(changed, at, generator)] = True
    return changed, labels


def _reach(values: Vector) -> float:
    """How far the series usually reaches: the distance between its extremes, without outliers."""
    low, high = np.nanquantile(values, [0.02, 0.98])
    return float(high - low)
