"""Nearest neighbours of PyOD on the shapes of the last points."""

from pyod.models.knn import KNN

from bench.peers.causal import Series, Vector, by_blocks, shingles, standardised


def score(series: Series) -> Vector:
    """Score by the distance to the fifth nearest shape of the past."""
    return by_blocks(series, _judge)


def _judge(past: Series, block: Series) -> Vector:
    known, new = shingles(*standardised(past, block))
    result: Vector = KNN().fit(known).decision_function(new)
    return result
