"""Whatever the series are, a run judges them; any numpy warning would be an error."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.labels import Shard
from anomaly.prometheus.client import SeriesMatrix
from anomaly.run import run
from anomaly.settings import Settings
from anomaly.state import opened
from tests.anomaly.world import NOW, STEP, Ears

LENGTH = 80

values = arrays.arrays(
    np.float64,
    (3, LENGTH),
    elements=st.one_of(
        st.floats(-1e3, 1e3),
        st.floats(allow_nan=True, allow_infinity=True),
        st.sampled_from([0.0, 7.0, 1.0]),
    ),
    fill=st.sampled_from([0.0, 0.5, 7.0, np.nan]),
)


class Given:
    """Answers every query with the same series, and its traffic with another part of them."""

    def __init__(self, matrix):
        self.matrix = matrix

    def query_range(self, query, *, start, end, step, keep=lambda _: True):
        times = np.arange(start, end + 1, step)
        places = ((times - NOW) // STEP).astype(int) % LENGTH
        series = self.matrix[:, places]
        series = np.where(np.isfinite(series), series, np.nan)
        labels = tuple({"service": f"s{number}"} for number in range(3))
        return SeriesMatrix(times, series[::-1] if query == "t" else series, labels)


def configured(kind, method):
    signal = {"name": "s", "query": "q", "kind": kind, "traffic": "t"}
    return Settings.model_validate(
        {
            "signals": [signal],
            "detector": {"method": method, "history": 20, "warmup": 4},
            "lookback_seconds": 60 * STEP,
            "delay_seconds": 0,
        }
    )


@pytest.mark.parametrize("kind", ["latency", "errors", "traffic", "saturation", "other"])
@settings(max_examples=40)
@given(matrix=values, method=st.sampled_from(["calibrated", "ensemble"]))
def test_a_run_judges_it(kind, matrix, method, tmp_path_factory):
    ears, folder = Ears(), tmp_path_factory.mktemp("state")
    for number in range(3):
        with opened(folder, Shard()) as store:
            report = run(
                configured(kind, method),
                now=NOW + number * 600,
                prometheus=Given(matrix),
                sinks=[ears],
                state=store,
            )
        document = json.loads(report.to_json())
        assert (report.exit_code, report.signals[0].rebuilt) == (0, None)
        keys = [alert["key"] for alert in document["alerts"]]
        assert len(keys) == len(set(keys))
        for alert in report.alerts:
            assert alert.since <= alert.last <= NOW + number * 600
            assert alert.points >= 1
            assert alert.score >= 1 or alert.direction == "absent"
            assert (alert.state == "resolved") == (alert.until is not None)
