"""Left matrix profile of stumpy, one point at a time: how new the latest shape is.

Shapes keep their level and size: normalised, as stumpy does by default, they score far worse on
what services measure.
"""

import numpy as np
import stumpy

from bench.peers.causal import FEWEST, SHINGLE, Series, Vector


def score(series: Series) -> Vector:
    """Score by the distance of the latest shape to the nearest one before it."""
    scores = np.zeros(len(series))
    if len(series) <= FEWEST:
        return scores
    first = series.readings[:FEWEST]
    readings = (series.readings - first.mean()) / (first.std() or 1.0)
    profile = stumpy.stumpi(readings[:FEWEST], m=SHINGLE, egress=False, normalize=False)
    for index in range(FEWEST, len(series)):
        profile.update(readings[index])
        scores[index] = profile.left_P_[-1]
    return np.where(np.isfinite(scores), scores, 0.0)
