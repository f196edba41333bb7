"""From what the views see to one score: 1 is the threshold, for a calm series and for a wild one.

The root mean square of the views, each in units of its usual size, is the strength of a tick. How
strong a tick may be is learnt from the strengths of the series' own past: a high quantile, and at
least so much as noise alone would reach. How high a quantile depends on the step. Were it the same
for all, a series of one-minute steps would exceed it sixty times as often as one of hours; were the
exceedances of a week the same, hours would never be judged. The exponents lie between.
"""

import numpy as np

from anomaly.detection.arrays import Row
from anomaly.detection.samples import Sorted

REFERENCE_STEP = 300.0
"""Seconds of the step that the two figures below are given for."""

EXCEEDED = 0.01
"""Share of ticks of the past that are stronger than the bound."""

EXCEEDED_GROWTH = 0.4
"""Exponent by which that share grows with the step."""

LEAST_BOUND = 3.5
"""What a calm series may reach; strengths are in standard deviations, more or less."""

LEAST_BOUND_DECLINE = 0.06
"""Exponent by which it falls with the step: fewer ticks reach less far."""

MARGIN = 1.15
"""What exceeds the bound by no more than that is no news."""

SLOTS = 1024
REACH = 4096
"""Ticks that strengths are remembered of, and how many of them."""

LEAST_SAMPLES = 8
"""With fewer strengths of the past there is no score."""

STRONGEST = 1e4
"""A view speaks no louder, however small the usual size of its residuals is."""


def bound(strengths: Sorted, step: float) -> Row:
    """The strength of each series that scores 1."""
    ratio = step / REFERENCE_STEP
    exceeded = min(EXCEEDED * ratio**EXCEEDED_GROWTH, 0.5)
    least = LEAST_BOUND * ratio**-LEAST_BOUND_DECLINE
    learnt: Row = MARGIN * np.fmax(strengths.quantile(1 - exceeded), least)
    return learnt
