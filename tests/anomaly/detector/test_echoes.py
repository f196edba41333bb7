"""What a single week says is no pattern yet: an incident has no echo, a weekend is no news."""

import numpy as np
import pytest

from anomaly.detector import Detector

BEGIN, DAY = 1_772_409_600.0, 86_400.0
"""A Monday, midnight UTC."""


def onsets(values, step):
    """Ticks at which an alert begins."""
    times = BEGIN + np.arange(len(values)) * step
    alerting = Detector().replay(times, values[None]).alerting[0]
    return np.flatnonzero(np.diff(alerting.astype(int), prepend=0) > 0).tolist()


class TestTheWeekAfter:
    """From the second day on, when weeks may speak."""

    step, per_day, days = 300.0, 288, 14

    def values(self, seed):
        """Busy by day and on working days; the weeks say more than the days."""
        ticks = np.arange(self.days * self.per_day)
        busy = np.where(ticks // self.per_day % 7 < 5, 100.0, 30.0)
        noise = np.random.default_rng(seed).normal(0, 0.03, len(ticks))
        return busy * (1.2 + np.sin(ticks / self.per_day * 2 * np.pi)) * np.exp(noise)

    @pytest.mark.parametrize("seed", range(3))
    def test_an_incident_brings_no_echo_while_there_is_but_one_week(self, seed):
        values = self.values(seed)
        noon = 4 * self.per_day + self.per_day // 2
        values[noon : noon + 3] *= 4
        told = onsets(values, self.step)
        assert noon in told
        assert not [tick for tick in told if tick >= 8 * self.per_day]

    @pytest.mark.parametrize("seed", [1, 2])
    def test_the_second_weekend_is_no_news(self, seed):
        """Though its beginning was some in the first week."""
        told = onsets(self.values(seed), self.step)
        assert not [tick for tick in told if tick >= 8 * self.per_day]
