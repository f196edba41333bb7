"""What the detector's verdicts around a run say about the detector."""

from datetime import timedelta

import pytest

from ops.chaos.report.figures import Phases
from ops.chaos.report.noticed import grade, read_anomalies
from ops.prometheus import Series
from tests.ops.chaos.report.test_verdict import run
from tests.ops.conftest import NOW
from vocabulary import metrics as m

PHASES = Phases(NOW, NOW + timedelta(minutes=1))


class Scores:
    """In place of Prometheus: the service is scored all the time, and some are odd for a while."""

    def __init__(self, odd):
        self.odd = odd

    def query_range(self, query, start, end):
        if not query.startswith(m.VERDICT):
            return [Series({"for": "error_rate"}, _points(-10, 10))]
        return [
            Series({"for": "error_rate", "destination_service_name": name}, _points(*minutes))
            for name, minutes in self.odd.items()
        ]


def _points(first, last):
    moments = (NOW + timedelta(minutes=first, seconds=15 * k) for k in range(4 * (last - first)))
    return [(moment.timestamp(), 1.0) for moment in moments]


def graded(**odd):
    return grade(*read_anomalies(Scores(odd), run(), PHASES), PHASES, impact=True)


def test_an_incident_of_the_service_that_opens_in_its_time_has_seen_it():
    found = graded(api=(1, 10))
    assert (found.grade, found.delay_seconds) == ("seen", 60)


def test_one_that_was_open_before_contains_the_fault():
    """Neither seen nor missed: the detector tells an incident once."""
    found = graded(api=(-5, 10))
    assert (found.grade, found.delay_seconds) == ("none", None)
    assert found.reason.startswith("an incident of the service was open before the fault, since ")


@pytest.mark.parametrize("minute", [-5, 1], ids=["before", "since"])
def test_one_of_another_service_is_named(minute):
    found = graded(web=(minute, 10))
    assert found.grade == "missed"
    assert found.reason.endswith("; an incident was open about web")


def test_without_any_it_was_missed():
    assert graded().reason == "the fault shows in the service's figures, in no score of it"


def test_one_that_was_over_before_does_not_count():
    assert graded(api=(-8, -2)).grade == "missed"
