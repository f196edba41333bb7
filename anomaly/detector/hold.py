"""Peak hold: a score falls back slowly, so that what belongs together stays together.

An incident shows itself at its edges; between them a series may look calm. Held scores rank the
whole incident above what is not one, which is what dashboards and rankings want. Alarms are decided
by the score as it was before.
"""

from itertools import accumulate

import numpy as np

from anomaly.detector.arrays import Block, Row

STEPS = (60.0, 300.0, 3600.0)
HALF_LIVES = (9.0, 30.0, 5.0)
"""Ticks in which a held score halves, for steps of so many seconds; between them by the logarithm
of the step. Incidents of one-minute series are labelled in minutes, those of five-minute series in
hours, and hours are each a matter of their own: so it was on the labelled series that this was
measured on."""


NARROW = 8
"""Series up to which plain numbers are faster than rows of an array."""


def decay(step: float) -> float:
    """What is left of a held score after one tick."""
    ticks = np.interp(np.log(step), np.log(STEPS), HALF_LIVES)
    return float(0.5 ** (1 / ticks))


def hold(score: Block, held: Row, left: float) -> Block:
    """Scores that fall no faster than by `left` a tick; `held` is the last of those before."""
    if score.shape[1] <= NARROW:
        columns = zip(held.tolist(), score.T.tolist(), strict=True)
        held_columns = [
            list(accumulate(column, lambda was, now: max(now, left * was), initial=first))[1:]
            for first, column in columns
        ]
        return np.array(held_columns).reshape(score.T.shape).T
    result = np.empty_like(score)
    for now, row in zip(score, result, strict=True):
        np.multiply(left, held, out=row)
        held = np.maximum(now, row, out=row)
    return result
