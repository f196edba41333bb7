"""How large a residual usually is: a robust scale that is never zero.

The median absolute deviation alone says 0 for a series that mostly stands still, and then anything
is infinitely far away. So the scale is the largest of a chain: the median, what the 90 % quantile
would say of a normal series (halved, so that a few bursts do not widen it), a share of the largest,
a share of the level, a hair's breadth.
"""

import numpy as np

from anomaly.detector.arrays import Block, Row
from anomaly.detector.samples import Sorted

MEDIAN_TO_DEVIATION = 1.4826
"""Standard deviations of a normal distribution in its median absolute deviation."""

UPPER = 0.9
UPPER_TO_DEVIATION = 0.5 / 1.645
"""Half of what that quantile of absolute values says of the standard deviation."""

SHARE_OF_LEVEL = 1e-3
"""A thousandth of the level is what rounding and jitter may do."""

SHARE_OF_LARGEST = 0.05
"""Nothing is more than 20 times the largest residual that is remembered; bursts stay comparable."""

LEAST = 1e-12
"""Where the level is zero too."""


def floor(level: Row) -> Row:
    """The least that a residual of a series at that level can usually be."""
    return np.maximum(SHARE_OF_LEVEL * np.abs(level), LEAST)


def scale(sizes: Sorted, least: Block) -> Block:
    """The usual size of residuals whose absolute values are given; at least `least`."""
    typical = MEDIAN_TO_DEVIATION * sizes.quantile(0.5)
    upper = UPPER_TO_DEVIATION * sizes.quantile(UPPER)
    largest = SHARE_OF_LARGEST * sizes.quantile(1.0)
    return np.fmax(np.fmax(typical, upper), np.fmax(largest, least))
