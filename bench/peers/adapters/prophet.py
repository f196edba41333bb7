"""Prophet, fitted to the past and asked for the days that follow."""

import logging

import numpy as np
import pandas as pd
from prophet import Prophet

from bench.peers.causal import Series, Vector, by_blocks

DAYS = 3
"""A forecast serves so long; fitted every day it takes three times as long and scores worse."""

POINTS = 2_016
"""Points that it is fitted to at most, because more take minutes per series; a week of five
minutes, three months of hours."""

logging.getLogger("cmdstanpy").disabled = True
logging.getLogger("prophet").disabled = True


def score(series: Series) -> Vector:
    """Score by the distance from the forecast in standard deviations of its noise."""
    return by_blocks(series, _judge, days=DAYS, fewest=2 * series.period)


def _judge(past: Series, block: Series) -> Vector:
    thinned = -(-len(past) // POINTS)
    model = Prophet(uncertainty_samples=0).fit(_frame(past, thinned), seed=0)
    forecast = model.predict(_frame(block, 1))["yhat"].to_numpy()
    noise = float(np.mean(model.params["sigma_obs"])) * model.y_scale
    floor = 1e-9 * (1 + np.abs(past.readings).max())
    result: Vector = np.abs(block.readings - forecast) / max(noise, floor)
    return result


def _frame(series: Series, every: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ds": pd.to_datetime(series.times[::every], unit="s"),
            "y": series.readings[::every],
        }
    )
