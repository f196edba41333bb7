"""Whether the hypothesis held; where the run cannot tell, there is no verdict."""

from datetime import timedelta

import pytest

from ops.chaos.report.document import (
    DetectorGrade,
    Indicator,
    Noticed,
    Objectives,
    Recovery,
    Run,
)
from ops.chaos.report.noticed import Seen
from ops.chaos.report.verdict import Evidence, judge
from tests.ops.conftest import NOW

PROMISE = Objectives(error_share=0.01, source="test")
NONE = Objectives(source="nobody")
RECOVERED = Recovery(seconds=30.0, basis="objectives met")
SEEN = DetectorGrade(grade="seen", delay_seconds=60, reason="x")


def run(**changed):
    what = {
        "kind": "PodChaos", "namespace": "shop", "name": "x", "schedule": "", "service": "api",
        "service_namespace": "shop", "hypothesis": "", "owner": "", "start": NOW,
        "end": NOW + timedelta(minutes=1), "targets": ("shop/api-1",), "aborted": "",
        "failures": (),
    }  # fmt: skip
    return Run(**{**what, **changed})


def figures(during=0.001, requests=10.0, objective=0.01):
    within = None if objective is None or during is None else during <= objective
    return (
        Indicator(name="requests", unit="requests/s", before=10.0, during=requests, after=10.0,
                  objective=None, within=None),
        Indicator(name="errors", unit="share", before=0.0, during=during, after=0.0,
                  objective=objective, within=within),
    )  # fmt: skip


def alert(severity="critical", *, expected=True):
    return Noticed(name="Burning", labels={}, severity=severity, first=NOW, expected=expected)


def evidence(
    of=None, told=None, recovery=RECOVERED, *, alerts=(), before=(), objectives=PROMISE,
    detector=SEEN,
):  # fmt: skip
    return Evidence(
        of or run(), figures() if told is None else told, recovery,
        Seen(tuple(alerts), tuple(before)), objectives, detector, timedelta(minutes=5),
    )  # fmt: skip


def verdict(*given, **others):
    return judge(evidence(*given, **others))


class TestHeld:
    def test_when_objectives_were_met_and_it_recovered(self):
        found = verdict()
        assert found.result == "held"
        assert found.reasons == (
            "errors was 0.10% during the fault, within 1.00%",
            "recovered after 30 s (objectives met)",
        )

    @pytest.mark.parametrize("severity", ["warning", "info"])
    def test_though_somebody_was_informed(self, severity):
        assert verdict(alerts=[alert(severity)]).result == "held"


class TestRefuted:
    def test_when_an_objective_was_missed(self):
        found = verdict(told=figures(during=0.2))
        assert (found.result, found.reasons) == (
            "refuted", ("errors was 20.00% during the fault, more than 1.00%",),
        )  # fmt: skip

    @pytest.mark.parametrize("expected", [True, False])
    def test_when_somebody_was_called(self, expected):
        assert verdict(alerts=[alert(expected=expected)]).result == "refuted"

    def test_when_a_health_check_had_to_stop_it(self):
        found = verdict(run(aborted="a health check of the Workflow"))
        assert found.result == "refuted"

    def test_when_it_did_not_recover(self):
        found = verdict(recovery=Recovery(seconds=None, basis="objectives met"))
        assert found.result == "refuted"

    def test_when_it_recovered_too_late(self):
        found = verdict(recovery=Recovery(seconds=301.0, basis="objectives met"))
        assert (found.result, found.reasons) == (
            "refuted", ("it recovered after 301 s, later than 5m0s",),
        )  # fmt: skip


class TestNone:
    @pytest.mark.parametrize(
        "of, told, objectives, why",
        [
            (run(start=None, end=None), None, PROMISE, "nothing was hit"),
            (run(end=None), None, PROMISE, "still in the system"),
            (run(aborted="ann: it hurts"), None, PROMISE, "before its time (ann: it hurts)"),
            (None, figures(requests=0.01), PROMISE, "too few to tell"),
            (None, figures(requests=None, during=None), PROMISE, "figures are not known"),
            (None, figures(objective=None), NONE, "nobody says what the service promises"),
        ],
    )
    def test_where_the_run_cannot_tell(self, of, told, objectives, why):
        found = verdict(of, told, objectives=objectives)
        assert found.result == "none"
        assert any(why in reason for reason in found.reasons)

    def test_but_what_went_wrong_counts_without_a_complete_picture(self):
        found = verdict(run(end=None), figures(during=0.5))
        assert found.result == "refuted"


class TestTheExpectedAlert:
    def test_that_fires_speaks_for_the_hypothesis_though_it_is_critical(self):
        given = verdict(run(expected_alert="Burning"), alerts=[alert()])
        assert given.result == "held"

    def test_that_does_not_fire_refutes_it(self):
        given = verdict(run(expected_alert="Burning"))
        assert given.result == "refuted"
        assert "Burning was expected and did not fire" in given.reasons[0]

    def test_that_fired_before_already_says_nothing(self):
        given = verdict(run(expected_alert="Burning"), before=[alert()])
        assert given.result == "none"
        assert "fired before the fault already" in given.reasons[0]


def test_a_run_of_which_nobody_can_tell_what_it_hit_shows_nothing():
    given = verdict(run(confirmed=False))
    assert given.result == "none"
    assert "events of the experiment are gone" in given.reasons[0]
