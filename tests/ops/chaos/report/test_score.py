"""How much of what was expected of a run came true, and how runs came out over time."""

import json
from datetime import timedelta

import pytest

from ops.chaos.report.build import report_on
from ops.chaos.report.document import DetectorGrade, Recovery
from ops.chaos.report.verdict import score
from ops.commands.chaos_scores import scored
from tests.ops.chaos.report.test_verdict import alert, evidence, figures, run
from tests.ops.conftest import NOW

MISSED = DetectorGrade(grade="missed", delay_seconds=None, reason="x")
UNTOLD = DetectorGrade(grade="none", delay_seconds=None, reason="x")
NEVER = Recovery(seconds=None, basis="x")


def of(*given, **others):
    return score(evidence(*given, **others))


class TestScore:
    def test_is_whole_when_everything_came_true(self):
        assert of() == 100
        assert of(run(expected_alert="Burning"), alerts=[alert()]) == 100

    def test_leaves_out_an_alert_that_fired_before(self):
        assert of(run(expected_alert="Burning"), before=[alert()]) == 100

    @pytest.mark.parametrize(
        "keys",
        [
            {"told": figures(during=0.5)},
            {"recovery": NEVER},
            {"alerts": [alert()]},
            {"detector": MISSED},
            {"of": run(aborted="a health check")},
        ],
        ids=["objective", "recovery", "critical alert", "detector", "abort"],
    )
    def test_of_five_expectations_each_is_a_fifth(self, keys):
        assert of(**keys) == 80

    def test_does_not_hold_against_anybody_what_nobody_can_tell(self):
        assert of(detector=UNTOLD) == 100

    @pytest.mark.parametrize(
        "keys",
        [
            {"of": run(start=None)},
            {"of": run(end=None)},
            {"of": run(confirmed=False)},
            {"told": ()},
        ],
        ids=["hit nobody", "goes on", "not confirmed", "no figures"],
    )
    def test_is_none_when_the_run_can_tell_nothing(self, keys):
        assert of(**keys) is None


class TestOverTime:
    @staticmethod
    def report(schedule, score, day, at=NOW):
        begun = NOW - timedelta(days=day)
        given = run(schedule=schedule, start=begun, end=begun + timedelta(minutes=1))
        made, _ = report_on(given, None, now=at)
        return made.model_copy(update={"score": score})

    def test_the_mean_is_of_the_last_run_of_every_experiment(self):
        found = scored(
            [self.report("a", 40.0, 2), self.report("a", 80.0, 1), self.report("b", 100.0, 3)]
        )
        assert found.mean == 90
        assert [each.experiment for each in found.runs] == ["shop/b", "shop/a", "shop/a"]

    def test_of_a_run_reported_twice_the_last_report_counts(self):
        later = NOW + timedelta(hours=1)
        found = scored([self.report("a", 50.0, 1, later), self.report("a", 40.0, 1)])
        assert [each.score for each in found.runs] == [50]

    def test_runs_that_can_tell_nothing_are_left_out(self):
        assert scored([self.report("a", None, 1)]).mean is None

    def test_they_are_read_from_what_the_report_wrote(self, command, tmp_path):
        path = tmp_path / "report.json"
        path.write_text(self.report("a", 75.0, 1).model_dump_json())
        done = command("chaos", "scores", str(path), "-o", "json")
        assert done.code == 0
        assert json.loads(done.out)["mean"] == 75
        path.write_text("{}")
        assert command("chaos", "scores", str(path)).code == 2
