"""What was said of some ticks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from anomaly.detector.arrays import Block, Flags


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
