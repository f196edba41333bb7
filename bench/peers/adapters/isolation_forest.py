"""Isolation forest of scikit-learn on the shapes of the last points."""

from sklearn.ensemble import IsolationForest

from bench.peers.causal import Series, Vector, by_blocks, shingles, standardised


def score(series: Series) -> Vector:
    """Score by how few cuts set a shape apart."""
    return by_blocks(series, _judge)


def _judge(past: Series, block: Series) -> Vector:
    known, new = shingles(*standardised(past, block))
    forest = IsolationForest(random_state=0).fit(known)
    result: Vector = -forest.score_samples(new)
    return result
