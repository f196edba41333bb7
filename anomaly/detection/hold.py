"""Peak hold: a score falls back slowly, so that what belongs together stays together.

An incident shows itself at its edges; between them a series may look calm. Held scores rank the
whole incident above what is not one, which is what dashboards and rankings want. Alarms are decided
by the score as it was before.
"""

import numpy as np

from anomaly.detection.arrays import Block, Row

HALF_LIFE = 3 * 3600.0
"""Seconds in which a held score halves ..."""

FEWEST, MOST = 7.0, 24.0
"""... though in no fewer and no more ticks than these."""


def decay(step: float) -> float:
    """What is left of a held score after one tick."""
    ticks = min(max(HALF_LIFE / step, FEWEST), MOST)
    return float(0.5 ** (1 / ticks))


def hold(score: Block, held: Row, left: float) -> Block:
    """Scores that fall no faster than by `left` a tick; `held` is the last of those before."""
    result = np.empty_like(score)
    for tick in range(len(score)):
        held = np.maximum(score[tick], left * held)
        result[tick] = held
    return result
