import numpy as np
import pytest

import anomaly

DETECTORS = [
    anomaly.detect_zscore,
    anomaly.detect_moving_average,
    anomaly.detect_iqr,
    anomaly.detect_exponential_smoothing,
    anomaly.detect_ensemble,
]


@pytest.mark.parametrize("detect", DETECTORS)
def test_each_original_function_takes_a_list_and_tells_the_anomalies(detect):
    values = [100.0 + (place % 3) for place in range(60)]
    values[50] = 400.0
    verdicts = detect(values)
    assert verdicts.dtype == bool
    assert np.flatnonzero(verdicts[:51]).tolist() == [50]


def test_thresholds_are_arguments():
    values = [100.0 + (place % 3) for place in range(60)]
    values[50] = 120.0
    assert not anomaly.detect_moving_average(values)[50]
    assert anomaly.detect_moving_average(values, threshold_percent=10)[50]


def test_an_empty_series_has_no_anomalies():
    assert anomaly.detect_ensemble([]).tolist() == []
