"""Left matrix profile of stumpy, one point at a time: how new the latest shape is."""

import numpy as np
import stumpy

from bench.peers.causal import FEWEST, Series, Vector

SHAPE = 24
"""Points of a shape."""


def score(series: Series) -> Vector:
    """Score by the distance of the latest shape to the nearest one before it."""
    scores = np.zeros(len(series))
    if len(series) <= FEWEST:
        return scores
    profile = stumpy.stumpi(series.readings[:FEWEST], m=SHAPE, egress=False)
    for index in range(FEWEST, len(series)):
        profile.update(series.readings[index])
        scores[index] = profile.left_P_[-1]
    return np.where(np.isfinite(scores), scores, 0.0)
