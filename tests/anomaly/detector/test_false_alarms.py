"""How many false alarms chance brings among thousands of series, with and without control."""

import numpy as np
import pytest

from anomaly.prometheus.client import SeriesMatrix
from anomaly.run import run
from anomaly.settings import Settings
from anomaly.state import opened
from tests.anomaly.world import NOW, STEP, Ears

SERIES = 1000
SIGNALS = ("a", "b", "c", "d")
RUNS = 4
FAULTS = tuple(range(0, SERIES, 50))
"""Series of the first signal that have a fault."""

HISTORY = 150


class Noise:
    """Four signals of a thousand series each: noise with heavy tails, as that of real services."""

    def __init__(self, fault=0.0):
        self.labels = tuple({"service": f"s{number}"} for number in range(SERIES))
        self.fault = fault
        """How far off the faulty series are from the second run on."""

    def query_range(self, query, *, start, end, step, keep=lambda _: True):
        times = np.arange(start, end + 1, step)
        columns = [
            np.random.default_rng([ord(query), int(time)]).standard_t(3, SERIES) for time in times
        ]
        values = 100 + np.stack(columns, axis=1)
        if query == "a":
            values[np.ix_(FAULTS, times > NOW)] += self.fault
        return SeriesMatrix(times, values, self.labels)


@pytest.fixture
def told(tmp_path):
    """Run a few times; how much is told by each run but the first, and to whom."""

    def runs(source, **alerting):
        signals = [
            {"name": name, "query": name, "minimum_relative_deviation": 0} for name in SIGNALS
        ]
        settings = Settings.model_validate(
            {
                "signals": signals,
                "lookback_seconds": HISTORY * STEP,
                "delay_seconds": 0,
                "alerting": alerting,
            }
        )
        ears, counts = Ears(), []
        for number in range(RUNS):
            before = len(ears.opened) + len(ears.missed)
            with opened(tmp_path / str(len(alerting)), settings.shard) as store:
                run(settings, now=NOW + number * 600, prometheus=source, sinks=[ears], state=store)
            counts.append(len(ears.opened) + len(ears.missed) - before)
        return np.array(counts[1:]), {*ears.opened, *ears.missed}

    return runs


def test_noise_is_told_much_less(told):
    without, _ = told(Noise(), false_discovery=None)
    controlled, _ = told(Noise())
    # Of four thousand series, in each run.
    assert controlled.mean() < 1.5
    assert without.mean() > 3 * controlled.mean()


def test_faults_are_told_all_the_same(told):
    counts, heard = told(Noise(fault=60.0))
    faulty = {f"a of s{number}" for number in FAULTS}
    # One series was anomalous before its fault; that is one incident, and was told before.
    assert len(faulty - heard) <= 1
    assert counts[0] >= len(faulty & heard)
    assert counts.sum() < 1.25 * len(FAULTS)
