"""What lies before the first value of all series teaches nothing, and delays nothing."""

from itertools import pairwise

import numpy as np
import pytest

from anomaly import Detector, DetectorConfig

STEP = 15.0
BEGIN = 1_796_000_000 // 900 * 900.0


def begun(lead: int, *, values: int = 60, outage: int = 10) -> np.ndarray:
    """An error ratio that begins after so many ticks, mostly at zero, and then is all errors."""
    random = np.random.default_rng(2)
    ratio = np.where(random.random(values) < 0.1, random.random(values) * 0.03, 0.0)
    return np.concatenate([np.full(lead, np.nan), ratio, np.ones(outage)])[None]


def times(series: np.ndarray, lead: int) -> np.ndarray:
    """So that the first value comes at the same moment, whatever the lead."""
    return BEGIN + STEP * (np.arange(series.shape[1]) - lead)


@pytest.mark.parametrize("lead", [1, 100, 360, 5000])
def test_scores_are_those_of_a_series_that_begins_with_its_first_value(lead):
    late, at_once = begun(lead), begun(0)
    replay = Detector(DetectorConfig()).replay(times(late, lead), late)
    expected = Detector(DetectorConfig()).replay(times(at_once, 0), at_once)
    np.testing.assert_array_equal(replay.score[:, lead:], expected.score)
    np.testing.assert_array_equal(replay.alerting[:, lead:], expected.alerting)
    assert np.isnan(replay.score[:, :lead]).all()
    assert expected.alerting[0, -1]


def test_it_makes_no_difference_in_which_portions_the_silence_comes():
    lead = 100
    series = begun(lead)
    whole = Detector(DetectorConfig()).replay(times(series, lead), series)
    stream = Detector(DetectorConfig()).stream(1)
    moments = times(series, lead)
    edges = [0, 7, 99, 100, 101, 130, series.shape[1]]
    parts = [stream.feed(moments[a:b], series[:, a:b]).score for a, b in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole.score)
