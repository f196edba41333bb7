"""Alerts that experiments name must be able to fire."""

import pytest

from observability.alerting_rules.expected import check_expected_alerts
from tests.settings.conftest import Configuration


def told(expected, **observability):
    """What is said of a stack whose experiment expects an alert."""
    made = Configuration().set(("observability",), observability)
    made.set(("chaos", "schedules", 0, "expectedAlert"), expected)
    return ["\n".join(each.lines()) for each in check_expected_alerts(made.read())]


def test_an_alert_of_the_stack_may_be_expected():
    assert told("SloErrorBudgetBurnsFast") == []


def test_one_that_others_make_must_be_named():
    assert len(told("PodCrashes")) == 1
    assert told("PodCrashes", rules={"elsewhere": ["PodCrashes"]}) == []


def test_what_exists_is_listed():
    (said,) = told("SloErrorBudgetBurnFast")
    assert 'chaos.schedules[0].expectedAlert = "SloErrorBudgetBurnFast"' in said
    assert "did you mean 'SloErrorBudgetBurnsFast'?" in said
    assert "MeshHighErrorRate" in said


def test_one_that_always_fires_shows_nothing():
    assert len(told("Watchdog")) == 1


@pytest.mark.parametrize("observability", [{"install": False}, {"rules": {"delivery": "none"}}])
def test_where_the_rules_are_not_the_stacks_nobody_knows(observability):
    assert told("PodCrashes", **observability) == []
