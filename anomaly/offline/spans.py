"""Spans of time: where something holds, from its first point to its last."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Spans:
    """Spans of time, each from one moment to another."""

    starts: Vector
    """Epoch seconds of the first point of each."""

    ends: Vector
    """Epoch seconds of the last point of each."""

    def __len__(self) -> int:
        return len(self.starts)

    def only(self, which: Mask) -> Self:
        """Some of them."""
        return type(self)(self.starts[which], self.ends[which])


def spans(timestamps: Vector, mask: Mask, *, gap_seconds: float = 0.0) -> Spans:
    """The runs of True, those of them that are closer than a gap taken as one.

    Args:
        timestamps: (time,), epoch seconds, not decreasing.
        mask: (time,).
        gap_seconds: a run that begins earlier than so long after the end of the one before it
            goes on with it.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    starts, ends = timestamps[edges[::2]], timestamps[edges[1::2] - 1]
    apart = starts[1:] - ends[:-1] >= gap_seconds
    return Spans(
        starts[np.concatenate([[True], apart])[: len(starts)]],
        ends[np.concatenate([apart, [True]])[: len(ends)]],
    )


def step_seconds(timestamps: Vector) -> float:
    """The usual time from one point to the next; 0 where there are no two."""
    steps = np.diff(timestamps)
    forward = steps[steps > 0]
    return float(np.median(forward)) if len(forward) else 0.0


def begun_within(mask: Mask, counted: Mask) -> Mask:
    """The runs of True that begin where it counts; (time,).

    Args:
        mask: any runs.
        counted: True from some point on.
    """
    begins = mask & ~np.concatenate([[False], mask[:-1]])
    run = np.cumsum(begins)
    before = run[~counted].max(initial=0)
    within: Mask = mask & counted & (run > before)
    return within
