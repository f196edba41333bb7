import math

import pytest

from anomaly.offline.assess import FIGURES, verdicts
from anomaly.offline.grade import WEEK_SECONDS, Tally

GOOD = Tally(
    series=1,
    seconds=2 * WEEK_SECONDS,
    alerts=5,
    true_alerts=4,
    incidents=4,
    repeats=4,
    delays=(60.0, 60.0, 120.0),
)


def verdict(of, name, limit):
    (only,) = verdicts(of, {name: limit})
    return only


class TestVerdict:
    @pytest.mark.parametrize(
        "name,good,bad",
        [
            ("min-precision", 0.8, 0.81),
            ("min-recall", 0.75, 0.76),
            ("min-f1", 0.77, 0.78),
            ("max-false-alarms", 0.5, 0.49),
            ("max-delay", 60, 59),
            ("max-alerts-per-incident", 4 / 3, 1.3),
        ],
    )
    def test_the_limit_itself_is_good_enough(self, name, good, bad):
        assert verdict(GOOD, name, good).met
        assert not verdict(GOOD, name, bad).met

    @pytest.mark.parametrize("name", FIGURES)
    def test_what_nobody_knows_is_not_good_enough(self, name):
        unknown = verdict(Tally(), name, 0)
        assert math.isnan(unknown.value)
        assert not unknown.met
