"""Half-space trees of river, which learn every point after they judged it."""

import numpy as np
from river.anomaly import HalfSpaceTrees
from river.preprocessing import MinMaxScaler

from bench.peers.causal import FEWEST, Series, Vector


def score(series: Series) -> Vector:
    """Score the value and its change by how empty their neighbourhood was."""
    scaler, trees = MinMaxScaler(), HalfSpaceTrees(seed=0)
    changes = np.diff(series.readings, prepend=series.readings[:1])
    scores = np.zeros(len(series))
    for index, (value, change) in enumerate(zip(series.readings, changes, strict=True)):
        point = {"value": float(value), "change": float(change)}
        scaler.learn_one(point)
        scaled = scaler.transform_one(point)
        scores[index] = trees.score_one(scaled) if index >= FEWEST else 0.0
        trees.learn_one(scaled)
    return scores
