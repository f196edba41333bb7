"""Seasonal-trend decomposition of statsmodels: the last day's season and level, carried on."""

import numpy as np
from statsmodels.tsa.seasonal import STL

from bench.peers.causal import Series, Vector, by_blocks

PERIODS = 7
"""Days that the decomposition is made of; more cost time and change the last one little."""

UNCHANGING = 71
"""Cycles that the season is smoothed over: with the usual 7 it fits a few days without any rest."""

NORMAL = 1.4826
"""Standard deviations of a normal distribution per median absolute deviation."""


def score(series: Series) -> Vector:
    """Score by the residual in robust standard deviations of the past residuals."""
    return by_blocks(series, _judge, fewest=3 * series.period)


def _judge(past: Series, block: Series) -> Vector:
    recent = past.part(max(len(past) - PERIODS * past.period, 0), len(past))
    jump = max(past.period // 10, 1)
    fitted = STL(
        recent.readings,
        period=past.period,
        seasonal=UNCHANGING,
        seasonal_deg=0,
        robust=True,
        seasonal_jump=jump,
        trend_jump=jump,
        low_pass_jump=jump,
    ).fit()
    expected = np.resize(fitted.seasonal[-past.period :], len(block)) + fitted.trend[-1]
    spread = NORMAL * np.median(np.abs(fitted.resid - np.median(fitted.resid)))
    floor = 1e-3 * recent.readings.std() + 1e-12
    result: Vector = np.abs(block.readings - expected) / max(spread, floor)
    return result
