"""What has lasted is the new normal, also where it is another shape than before."""

import numpy as np
import pytest

from anomaly.detector import Detector

BEGIN, HOUR = 1_772_409_600.0, 3600.0
"""A Monday, midnight UTC."""

ENDS = 10 * 24 + 18
"""Hour at which the days of the series end."""


def judged(seed):
    """Four weeks of hours; busy by day, until the series is nearly still."""
    random = np.random.default_rng(seed)
    hours = np.arange(28 * 24)
    busy = 200 + 150 * np.sin((hours % 24 - 8) / 24 * 2 * np.pi)
    values = np.where(hours < ENDS, busy, 60) * np.exp(random.normal(0, 0.03, len(hours)))
    values[-6:] = 120
    return Detector().replay(BEGIN + HOUR * hours, values[None])


@pytest.mark.parametrize("seed", range(3))
class TestDaysThatEnd:
    def test_nobody_waits_for_them_any_more(self, seed):
        expected = judged(seed).expected[0, ENDS + 48 : -6]
        assert expected.min() > 40
        assert expected.max() < 80

    def test_are_told_once_or_twice_and_then_accepted(self, seed):
        alerting = judged(seed).alerting[0]
        begins = np.flatnonzero(np.diff(alerting.astype(int), prepend=0) > 0)
        assert 1 <= np.count_nonzero((begins >= ENDS) & (begins < ENDS + 48)) <= 2
        assert not alerting[ENDS + 48 : -6].any()

    def test_what_follows_is_seen(self, seed):
        assert judged(seed).alerting[0, -5]


@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_days_that_are_stretched_for_good_are_expected_to_stay_so(factor):
    """Half of the traffic goes elsewhere: by night too there is less, but never less than none."""
    random = np.random.default_rng(1)
    hours = np.arange(28 * 24)
    busy = 200 + 150 * np.sin((hours % 24 - 8) / 24 * 2 * np.pi)
    values = busy * np.where(hours < 250, 1, factor) * np.exp(random.normal(0, 0.03, len(hours)))
    replay = Detector().replay(BEGIN + HOUR * hours, values[None])
    after = slice(250 + 24, None)
    assert not replay.alerting[0, after].any()
    assert np.abs(replay.expected[0, after] / (factor * busy[after]) - 1).max() < 0.2
