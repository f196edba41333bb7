"""Lines of any length as paths of no more points than pixels can show.

Where many points fall into one column of pixels, the path goes through their least and their
greatest: the picture is the one that all points would have made. Where points are missing, the path
is broken, and a point alone is a dot.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anomaly.offline.spans import Vector, step_seconds
from anomaly.plotting.svg import number

GAP_STEPS = 1.5
"""Neighbours further apart than so many usual steps are not joined."""


@dataclass(frozen=True)
class Columns:
    """Points gathered by column of pixels, from left to right."""

    x: Vector
    """Where each column is, in pixels."""

    low: Vector
    """The least value in it."""

    high: Vector
    """The greatest."""

    rising: NDArray[np.bool_]
    """Whether the least came first."""

    parts: tuple[slice, ...]
    """The columns that hang together."""


def columns(timestamps: Vector, x: Vector, values: Vector) -> Columns:
    """Gather the points that have a value.

    Args:
        timestamps: (time,), epoch seconds; they say where points are missing.
        x: (time,), in pixels, not decreasing.
        values: (time,), NaN where missing.
    """
    there = np.isfinite(values)
    times, x, values = timestamps[there], x[there], values[there]
    far = np.diff(times) > GAP_STEPS * step_seconds(timestamps)
    column = np.floor(x)
    first = np.flatnonzero(np.concatenate([[True], (np.diff(column) > 0) | far])[: len(x)])
    if not len(first):
        return Columns(x, x, x, np.empty(0, dtype=np.bool_), ())
    cuts = np.flatnonzero(far[first[1:] - 1]) + 1
    borders = [0, *cuts.tolist(), len(first)]
    low, high = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    return Columns(
        x=x[first],
        low=low,
        high=high,
        rising=values[first] < low / 2 + high / 2,
        parts=tuple(slice(*pair) for pair in pairwise(borders)),
    )


def line(of: Columns, y_low: Vector, y_high: Vector) -> str:
    """The `d` of a path through all columns, at the height of their least and greatest."""
    first, second = np.where(of.rising, y_low, y_high), np.where(of.rising, y_high, y_low)
    return "".join(_through(of.x[part], first[part], second[part]) for part in of.parts)


def _through(x: Vector, first: Vector, second: Vector) -> str:
    points: list[str] = []
    for across, one, other in zip(x.tolist(), first.tolist(), second.tolist(), strict=True):
        points.append(f"{number(across)},{number(one)}")
        if abs(one - other) >= 0.1:  # noqa: PLR2004 - a tenth of a pixel, as coordinates are written
            points.append(f"{number(across)},{number(other)}")
    # A line of no length is a dot, by its round ends.
    return f"M{'L'.join(points)}" if len(points) > 1 else f"M{points[0]}h0"


def area(of: Columns, above: Vector, below: Vector) -> str:
    """The `d` of the space between two lines over the same columns."""
    return "".join(_between(of.x[part], above[part], below[part]) for part in of.parts)


def _between(x: Vector, above: Vector, below: Vector) -> str:
    forth = [f"{number(a)},{number(b)}" for a, b in zip(x.tolist(), above.tolist(), strict=True)]
    back = [f"{number(a)},{number(b)}" for a, b in zip(x.tolist(), below.tolist(), strict=True)]
    return f"M{'L'.join([*forth, *reversed(back)])}Z"
