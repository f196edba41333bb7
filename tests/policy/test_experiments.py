"""Faults wherever they stand, and how long a run takes."""

from datetime import timedelta

import pytest

from policy.experiments import Selection, experiments, run_length, schedules
from policy.firings import runs
from tests.policy.rules.workflows import fault, nested_schedule, pod_failure, workflow
from tests.policy.views import NOW, view


def of(kind, spec):
    return view({"apiVersion": "chaos-mesh.org/v1alpha1", "kind": kind, "spec": spec})


def group(kind, *children, name="first", **rest):
    return {"name": name, "templateType": kind, "children": list(children), **rest}


class TestExperiments:
    @pytest.mark.parametrize(
        "kind,spec,path",
        [
            ("PodChaos", pod_failure(), "spec"),
            ("Schedule", {"podChaos": pod_failure()}, "spec.podChaos"),
            ("Schedule", workflow(fault()), "spec.workflow.templates[0].podChaos"),
            (
                "Schedule",
                workflow(nested_schedule()),
                "spec.workflow.templates[0].schedule.podChaos",
            ),
            ("Workflow", workflow(fault())["workflow"], "spec.templates[0].podChaos"),
        ],
        ids=["alone", "scheduled", "a step", "scheduled by a step", "a bare workflow"],
    )
    def test_are_found_wherever_they_stand(self, kind, spec, path):
        (found,) = experiments(of(kind, spec))
        assert (found.kind, found.spec.path) == ("PodChaos", path)

    def test_several_in_one_workflow(self):
        steps = [fault(name="a"), fault(name="b"), nested_schedule()]
        assert len(list(experiments(of("Schedule", workflow(*steps))))) == 3

    def test_a_step_lasts_until_its_deadline(self):
        (found,) = experiments(of("Schedule", workflow(fault("7s", duration="1h"))))
        assert found.length.text() == "7s"

    def test_other_kinds_have_none(self):
        assert list(experiments(view({"apiVersion": "v1", "kind": "ConfigMap"}))) == []

    def test_nested_schedules_are_schedules(self):
        found = list(schedules(of("Schedule", workflow(nested_schedule()))))
        assert [s.path for s in found] == ["spec", "spec.workflow.templates[0].schedule"]


class TestAffected:
    @pytest.mark.parametrize(
        "mode,value,replicas,affected",
        [
            ("one", None, 3, 1),
            ("all", None, 3, 3),
            ("fixed", "2", 3, 2),
            ("fixed", "9", 3, 3),
            ("fixed-percent", "10", 1, 1),
            ("fixed-percent", "34", 3, 2),
            ("random-max-percent", "50", 4, 2),
            ("fixed-percent", "half", 4, None),
            ("fixed", None, 4, None),
        ],
    )
    def test_is_counted_as_chaos_mesh_counts(self, mode, value, replicas, affected):
        spec = {"mode": mode} if value is None else {"mode": mode, "value": value}
        assert Selection(of("PodChaos", spec)["spec"]).affected(replicas) == affected


class TestRunLength:
    @pytest.mark.parametrize(
        "spec,seconds",
        [
            ({"podChaos": pod_failure(duration="30s")}, 30),
            ({"podChaos": pod_failure(action="pod-kill")}, 0),
            (workflow(fault("40s")), 40),
            (workflow(group("Serial", "a", "b"), fault("1m", "a"), fault("2m", "b")), 180),
            (workflow(group("Parallel", "a", "b"), fault("1m", "a"), fault("2m", "b")), 120),
            (workflow(group("Serial", "a", deadline="90s"), fault("2m", "a")), 90),
        ],
        ids=["a fault", "a kill", "a step", "in a row", "side by side", "cut short"],
    )
    def test_is_the_longest_that_a_run_can_take(self, spec, seconds):
        assert run_length(of("Schedule", spec)) == timedelta(seconds=seconds)

    @pytest.mark.parametrize(
        "spec",
        [
            {"podChaos": pod_failure()},
            {"podChaos": pod_failure(duration="banana")},
            workflow(fault(), entry="nowhere"),
            workflow(group("Serial", "first")),
            workflow(group("Serial", "a"), fault(None, "a")),
            {},
        ],
        ids=["no end", "no duration", "no entry", "a circle", "an endless step", "nothing"],
    )
    def test_may_not_be_known(self, spec):
        assert run_length(of("Schedule", spec)) is None


class TestRuns:
    def test_are_those_of_the_coming_weeks(self):
        spec = {"schedule": "0 2 * * mon", "podChaos": pod_failure(duration="30s")}
        found = list(runs(of("Schedule", spec), weeks=2))
        assert [run.start.strftime("%a %d %H:%M") for run in found] == [
            "Mon 30 02:00",
            "Mon 07 02:00",
        ]
        assert {run.end - run.start for run in found} == {timedelta(seconds=30)}
        assert min(found).start > NOW

    @pytest.mark.parametrize("cron", ["@every 2h", "banana", None])
    def test_none_without_a_cron_that_can_be_read(self, cron):
        spec = {"schedule": cron, "podChaos": pod_failure(duration="30s")}
        assert list(runs(of("Schedule", spec), weeks=2)) == []
