"""How many false alarms chance brings among thousands of series, with and without control."""

import numpy as np
import pytest

from anomaly.reading.matrix import SeriesMatrix
from anomaly.run import run
from anomaly.settings import Settings
from anomaly.state import opened
from tests.anomaly.world import NOW, STEP, Ears

SERIES = 1000
SIGNALS = ("a", "b", "c", "d")
RUNS = 8
FAULTS = range(0, SERIES, 50)
"""Series of the first signal that have a fault."""


class Noise:
    """Four signals of a thousand series each, all of them noise."""

    def __init__(self, fault=None):
        self.labels = tuple({"service": f"s{number}"} for number in range(SERIES))
        self.fault = fault
        """Size of the faults in standard deviations, from the second run on."""

    def query_range(self, query, *, start, end, step, keep=lambda _: True):
        times = np.arange(start, end + 1, step)
        columns = [
            np.random.default_rng([ord(query), int(time)]).normal(100, 1, SERIES) for time in times
        ]
        values = np.stack(columns, axis=1)
        if self.fault and query == "a":
            values[np.ix_(list(FAULTS), times > NOW)] += self.fault
        return SeriesMatrix(times, values, self.labels)


@pytest.fixture
def told(tmp_path):
    """Run a few times; what was told in each but the first."""

    def runs(source, control):
        settings = Settings.model_validate(
            {
                "signals": [{"name": name, "query": name} for name in SIGNALS],
                "detector": {"method": "zscore", "history": 100, "warmup": 20},
                "lookback_seconds": 150 * STEP,
                "delay_seconds": 0,
                "alerting": {"false_discovery": control} if control is None else {},
            }
        )
        settings = settings.model_copy(
            update={
                "signals": tuple(
                    signal.model_copy(update={"minimum_relative_deviation": 0.0})
                    for signal in settings.signals
                )
            }
        )
        ears, counts = Ears(), []
        for number in range(RUNS):
            before = len(ears.opened) + len(ears.missed)
            with opened(tmp_path / str(control), settings.shard) as store:
                run(settings, now=NOW + number * 600, prometheus=source, sinks=[ears], state=store)
            counts.append(len(ears.opened) + len(ears.missed) - before)
        return np.array(counts[1:]), ears

    return runs


class TestNoise:
    def test_is_told_an_order_of_magnitude_less(self, told):
        without, _ = told(Noise(), None)
        controlled, _ = told(Noise(), "controlled")
        assert without.mean() > 10
        assert controlled.mean() < without.mean() / 10


class TestFaults:
    def test_are_told_all_the_same(self, told):
        counts, ears = told(Noise(fault=5.0), "controlled")
        faulty = {f"a of s{number}" for number in FAULTS}
        heard = {line for line in ears.opened + ears.missed if line in faulty}
        assert len(heard) >= 0.95 * len(faulty)
        assert counts.sum() < 1.5 * len(faulty)

    def test_that_are_large_are_told_at_once(self, told):
        counts, _ = told(Noise(fault=8.0), "controlled")
        assert counts[0] >= len(FAULTS)
