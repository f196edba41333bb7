"""The array types of the detector, how far it looks back, and what it says of some ticks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
"""(time,), epoch seconds, not decreasing."""

Block = NDArray[np.float64]
"""(time, series): consecutive ticks of some series."""

Row = NDArray[np.float64]
"""(series,): one number for each."""

Flags = NDArray[np.bool_]
"""(time, series) or (series,)."""

Places = NDArray[np.intp]
"""Indices; -1 for none."""

Matrix = NDArray[np.float64]
"""(series, time): as callers give and get it."""

CONTEXT = 64
"""Ticks before a block that its views reach back to: twice 24 and what smoothing adds."""

HISTORY = 12_288
"""Ticks that are kept: six weeks at five minutes, eight days at one minute."""

REACH = 12_000
"""Ticks that seasons look back; less than HISTORY by more than the longest stretch."""

SILENCE = 3600.0
"""Seconds without any value after which an incident of which nothing is heard is over."""

DAY = 86_400.0
"""Seconds of a day whose clocks are not changed."""


@dataclass(frozen=True)
class Judged:
    """All blocks are (time, series)."""

    score: Block
    """1 is the threshold; 0 while too little is known, NaN where no value is."""

    alerting: Flags
    """Where an incident is on."""

    another: Flags
    """Where one begins while another is on, which ends there."""

    expected: Block
    """What was expected; NaN while too little is known."""

    lower: Block
    """Lower edge of what is usual."""

    upper: Block
    """Upper edge of what is usual."""

    views: Mapping[str, Block] = field(default_factory=dict)
    """What each view says, where it was asked for, in the unit of the score; NaN where mute."""


def joined(parts: Sequence[Judged]) -> Judged:
    """Consecutive portions as one."""
    if len(parts) == 1:
        return parts[0]
    names = parts[0].views
    return Judged(
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.alerting for part in parts]),
        np.concatenate([part.another for part in parts]),
        np.concatenate([part.expected for part in parts]),
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
        {name: np.concatenate([part.views[name] for part in parts]) for name in names},
    )


def median_of_three(one: Block, two: Block, three: Block) -> Block:
    """Median of three; NaN where one is."""
    return np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
