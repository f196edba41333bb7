"""What this project's methods say of labelled series."""

import numpy as np
import pytest

from bench.quality import methods
from bench.quality.series import Labelled


@pytest.fixture(scope="module")
def series():
    generator = np.random.default_rng(0)
    values = 100 + generator.normal(0, 1, 2000)
    values[1500] += 40
    values[700] = np.nan
    times = np.arange(2000) * 300.0
    return Labelled("x", times, values, times == times[1500])


def test_the_default_alerts_once_and_holds_its_peak(series):
    (judged,) = methods.default([series])

    assert judged.once
    assert judged.alerting[1500]
    assert judged.held[1503] > judged.score[1503]
    assert np.isnan(judged.score[700])


@pytest.mark.parametrize("method", methods.ORIGINAL)
def test_every_point_beyond_an_original_threshold_is_an_alert(series, method):
    (judged,) = methods.original([series], method)

    assert not judged.once
    assert np.array_equal(judged.alerting, judged.score > 1)
    assert judged.alerting[1500]
    assert not judged.alerting[700]
    assert (judged.held >= np.nan_to_num(judged.score) - 1e-9).all()
