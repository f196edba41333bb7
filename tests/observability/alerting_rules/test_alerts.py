"""Each alert fires when it should and is silent when it should, as promtool computes it."""

import subprocess

import pytest
import yaml

from observability.alerting_rules.stack import groups, rule_file
from sandbox.monitoring.monitoring import Programs
from tests.monitoring.stack import stack
from tests.observability.alerting_rules.cases import (
    anomaly,
    chaos,
    gitops,
    mesh,
    objectives,
    platform,
)
from tests.observability.alerting_rules.promtool import Case, Firing, run

STACK = stack()
CASES = [
    case for area in (objectives, chaos, gitops, mesh, anomaly, platform) for case in area.cases()
]
ALERTS = {alert.name for group in groups(STACK) for alert in group.alerts}
NEVER_SILENT = {"Watchdog"}


@pytest.mark.cluster
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_alert_does_what_the_story_asks(case, monitoring_programs: Programs, tmp_path):
    assert run(case, STACK, monitoring_programs.promtool, tmp_path) == ""


def test_every_alert_has_a_story_in_which_it_fires():
    assert {case.alert for case in CASES if case.fires} == ALERTS


def test_every_alert_has_a_story_in_which_it_is_silent():
    assert {case.alert for case in CASES if not case.fires} == ALERTS - NEVER_SILENT


@pytest.mark.cluster
class TestTheCheckItself:
    def test_an_alert_that_is_missing_is_seen(self, monitoring_programs, tmp_path):
        case = Case("Watchdog", "it is silent", "0m")
        assert "Watchdog" in run(case, STACK, monitoring_programs.promtool, tmp_path)

    def test_a_wrong_figure_is_seen(self, monitoring_programs, tmp_path):
        case = next(case for case in CASES if case.fires and case.fires[0].value)
        wrong = Case(
            case.alert, "a wrong figure", case.at, case.inputs, [Firing(case.fires[0].labels, "0")]
        )
        assert "exp:" in run(wrong, STACK, monitoring_programs.promtool, tmp_path)


@pytest.mark.cluster
@pytest.mark.parametrize("name", ["sandbox", "staging", "prod"])
def test_promtool_finds_nothing_wrong_in_the_rules(name, monitoring_programs, tmp_path):
    settings = stack(name)
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(rule_file(settings, groups(settings))))
    done = subprocess.run(
        [monitoring_programs.promtool, "check", "rules", "--lint=all", "--lint-fatal", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
