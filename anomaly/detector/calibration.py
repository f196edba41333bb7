"""From what the views see to one score: 1 is the threshold, for a calm series and for a wild one.

The root mean square of the views, each in units of its usual size, is the strength of a tick. How
strong a tick may be is learnt from the strengths of the series' own past: a high quantile, and at
least so much as noise alone would reach. How high a quantile depends on the step. Were it the same
for all, a series of one-minute steps would exceed it sixty times as often as one of hours; were the
exceedances of a week the same, hours would never be judged. The exponents lie between.

Shown scores fall back slowly after a peak. An incident shows itself at its edges; between them a
series may look calm. Held scores rank the whole incident above what is not one, which is what
dashboards and rankings want. Alarms are decided by the score as it was before.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np

from anomaly.detector.arrays import Block, Row
from anomaly.detector.samples import SHARE_OF_LARGEST, Sorted

REFERENCE_STEP = 300.0
"""Seconds of the step that the two figures below are given for."""

EXCEEDED = 0.004
"""Share of ticks of the past that are stronger than the bound."""

EXCEEDED_GROWTH = 0.85
"""Exponent by which that share grows with the step; 1 would make the exceedances of a week the
same."""

MOST_EXCEEDED = 0.2

RARE = 0.01
"""The least share that is counted ..."""

COUNTED = 2
"""... and the fewest ticks that it is counted by, so that one or two say nothing; what is rarer is
extrapolated ..."""

FURTHER, HALF = 10.0, 0.5
"""... from there and from what is so many times as common, at most from the middle."""

MOST_RARE = 0.25
"""However few there are."""

FARTHEST = 3.0
"""No tail is extrapolated to more than so many times of what was seen."""

SURER = 3.0
"""What is so many times as rare as the bound leaves no doubt."""

LOUDEST = 1 / SHARE_OF_LARGEST
"""The bound learns of no greater strength: in hindsight, nothing was."""

TINY = 1e-9

LEAST_BOUND = 3.5
"""What a calm series may reach; strengths are in standard deviations, more or less."""

MARGIN = 1.3
"""What exceeds the bound by no more than that is no news."""

SLOTS = 1024
REACH = 4096
"""Ticks that strengths are remembered of, and how many of them."""

LEAST_SAMPLES = 8
"""With fewer strengths of the past there is no score."""

STRONGEST = 1e4
"""A view speaks no louder, however small the usual size of its residuals is."""


ALONE = 2.5
"""No view counts for more than so many times the next: what one sees alone is chance."""


def fused(loudness: Block, views: Sequence[int]) -> Block:
    """Root mean square of those of some views that speak; NaN where none does.

    One view after the other: a sum over an axis rounds differently for arrays of other shapes.
    """
    heard, speaking = loudness, None
    first, second = _loudest(heard, views)
    if np.isnan(first).any():
        quiet = np.isnan(loudness)
        heard = np.where(quiet, 0.0, loudness)
        first, second = _loudest(heard, views)
        speaking = len(views) - quiet[list(views)].sum(axis=0, dtype=np.float64)
        second[speaking < 2] = np.inf  # noqa: PLR2004 - nothing to compare it with
    total = _squares(heard, views)
    alone = first > second
    if alone.any():
        total[alone] = _squares(np.minimum(heard[:, alone], second[alone]), views)
    if speaking is None:
        total /= len(views)
    else:
        total = np.divide(total, speaking, out=np.full_like(total, np.nan), where=speaking > 0)
    return np.sqrt(total, out=total)


def _loudest(heard: Block, views: Sequence[int]) -> tuple[Block, Block]:
    """How loud the loudest is, and how loud it may be for what the next says."""
    first, second = heard[views[0]].copy(), np.zeros(heard.shape[1:])
    lesser = np.empty_like(first)
    for place in views[1:]:
        np.minimum(first, heard[place], out=lesser)
        np.maximum(second, lesser, out=second)
        np.maximum(first, heard[place], out=first)
    second *= ALONE
    return first, second


def _squares(loudness: Block, views: Sequence[int]) -> Block:
    """Sum of the squares of views."""
    total: Block = loudness[views[0]] * loudness[views[0]]
    square = np.empty_like(total)
    for place in views[1:]:
        np.multiply(loudness[place], loudness[place], out=square)
        total += square
    return total


def bound(strengths: Sorted, step: float) -> tuple[Row, Row]:
    """The strength of each series that scores 1, and how many times that leaves no doubt."""
    exceeded = min(EXCEEDED * (step / REFERENCE_STEP) ** EXCEEDED_GROWTH, MOST_EXCEEDED)
    rare = np.clip(COUNTED / np.fmax(strengths.counts, 1), RARE, MOST_RARE)
    counted = np.fmax(rare, exceeded)
    common = np.fmin(counted * FURTHER, HALF)
    seen, usual = (strengths.quantile(1 - share) for share in (counted, common))
    # Beyond what can be counted the tail goes on as it came: as a power of the rarity.
    tail = np.log(np.fmax(seen, TINY) / np.fmax(usual, TINY)) / np.log(common / counted)
    seen = seen * np.clip((counted / exceeded) ** tail, 1.0, FARTHEST)
    learnt: Row = MARGIN * np.fmax(seen, LEAST_BOUND)
    return learnt, np.clip(SURER**tail, 1.0, FARTHEST)


STEPS = (60.0, 300.0, 3600.0)
HALF_LIVES = (9.0, 30.0, 5.0)
"""Ticks in which a held score halves, for steps of so many seconds; between them by the logarithm
of the step. Incidents of one-minute series are labelled in minutes, those of five-minute series in
hours, and hours are each a matter of their own: so it was on the labelled series that this was
measured on."""


NARROW = 8
"""Series up to which plain numbers are faster than rows of an array."""


@lru_cache(maxsize=64)
def decay(step: float) -> float:
    """What is left of a held score after one tick."""
    ticks = np.interp(np.log(step), np.log(STEPS), HALF_LIVES)
    return float(0.5 ** (1 / ticks))


def hold(score: Block, held: Row, left: float) -> Block:
    """Scores that fall no faster than by `left` a tick; `held` is the last of those before."""
    if score.shape[1] <= NARROW:

        def higher(was: float, now: float) -> float:
            fallen = left * was
            return fallen if fallen > now else now  # noqa: FURB136 - half the time

        columns = zip(held.tolist(), score.T.tolist(), strict=True)
        held_columns = [
            list(accumulate(column, higher, initial=first))[1:] for first, column in columns
        ]
        return np.array(held_columns).reshape(score.T.shape).T
    result = np.empty_like(score)
    for now, row in zip(score, result, strict=True):
        np.multiply(left, held, out=row)
        held = np.maximum(now, row, out=row)
    return result
