"""ADTK's PersistAD and SeasonalAD together: against the last points, and against the season."""

import numpy as np
import pandas as pd
from adtk.transformer import ClassicSeasonalDecomposition, DoubleRollingAggregate

from bench.peers.causal import SHINGLE, Series, Vector, by_blocks

FACTOR = 3.0
"""Interquartile ranges beyond the quartiles that both detectors take for normal by default."""


def score(series: Series) -> Vector:
    """Score by the larger of the two deviations, each in units of its detector's threshold."""
    return by_blocks(series, _judge)


def _judge(past: Series, block: Series) -> Vector:
    both = pd.Series(
        np.concatenate((past.readings, block.readings)),
        index=pd.date_range("2024-01-01", periods=len(past) + len(block), freq="min"),
    )
    scores = _beyond_quartiles(_persistence(both), len(past))
    if len(past) >= 2 * past.period:
        scores = np.maximum(scores, _beyond_quartiles(_season(both, past), len(past)))
    return scores


def _persistence(both: "pd.Series[float]") -> Vector:
    """Difference of each point to the median of the last ones."""
    rolling = DoubleRollingAggregate(agg="median", window=(SHINGLE, 1), center=False, diff="diff")
    return _values(rolling.transform(both))


def _season(both: "pd.Series[float]", past: Series) -> Vector:
    """What is left of each point when the season of the past is taken off."""
    decomposition = ClassicSeasonalDecomposition(freq=past.period)
    try:
        decomposition.fit(both.iloc[: len(past)])
    except RuntimeError:  # it finds the series not seasonal
        return np.zeros(len(both))
    return _values(decomposition.transform(both))


def _values(transformed: "pd.Series[float]") -> Vector:
    known: Vector = np.nan_to_num(transformed.to_numpy(dtype=np.float64))
    return known


def _beyond_quartiles(deviation: Vector, known: int) -> Vector:
    """Deviations of the block in units of the past's quartiles widened by the factor."""
    first, third = np.quantile(deviation[:known], [0.25, 0.75])
    reach = FACTOR * (third - first)
    edge = np.where(deviation > 0, third + reach, -(first - reach))
    floor = 1e-9 * (1 + np.abs(deviation).max())
    result: Vector = (np.abs(deviation) / np.maximum(edge, floor))[known:]
    return result
