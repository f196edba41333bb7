from datetime import timedelta

import pytest
from pydantic import ValidationError

from components.chaos_workflow import workflow
from settings.recurring import STAGES, ScheduledFault, ScheduledWorkflow
from vocabulary.timing.duration import parse_duration

STAGES_OF_ENTRY = ("steady-state", "watched-faults", "health-validation")
STEPS = [
    {"kind": "podFailure", "name": "pod-failure", "target": "api-service"},
    {"kind": "networkDelay", "name": "network-delay", "target": "api-service"},
    {"kind": "cpuStress", "name": "cpu-stress", "target": "web"},
]
CHAIN = {
    "name": "game-day",
    "cron": "0 3 * * 3",
    "steps": STEPS,
    "health": {"url": "https://gateway.example/healthz", "deadline": "1m0s"},
    "hypothesis": "x",
}


@pytest.fixture
def services(service):
    return {"api-service": service(replicas=3), "web": service(name="web", namespace="front")}


@pytest.fixture
def made(services):
    def make(guard=None, **keys):
        run = workflow(ScheduledWorkflow.model_validate(CHAIN | keys), services, guard)
        assert run["entry"] == "entry"
        return {template["name"]: template for template in run["templates"]}

    return make


@pytest.fixture
def templates(made):
    return made()


def length(template):
    return parse_duration(template["deadline"])


class TestOrder:
    def test_health_then_faults_under_watch_then_health_again(self, templates):
        assert templates["entry"]["templateType"] == "Serial"
        assert templates["entry"]["children"] == [
            "steady-state",
            "watched-faults",
            "health-validation",
        ]
        assert templates["watched-faults"]["templateType"] == "Parallel"
        assert templates["watched-faults"]["children"] == ["faults", "watch"]

    def test_faults_come_one_after_the_other(self, templates):
        assert templates["faults"]["templateType"] == "Serial"
        assert templates["faults"]["children"] == ["pod-failure", "network-delay", "cpu-stress"]

    def test_or_all_at_once(self, made):
        templates = made(order="parallel", rest="1m")
        assert templates["faults"]["templateType"] == "Parallel"
        assert templates["faults"]["children"] == ["pod-failure", "network-delay", "cpu-stress"]
        assert templates["watch"]["deadline"] == "5m0s"

    def test_or_with_rests_between_them(self, made):
        templates = made(rest="1m")
        assert templates["faults"]["children"] == [
            *("pod-failure", "rest", "network-delay", "rest", "cpu-stress")
        ]
        assert (templates["rest"]["templateType"], templates["rest"]["deadline"]) == (
            "Suspend",
            "1m0s",
        )
        assert templates["watch"]["deadline"] == "10m30s"

    def test_nothing_runs_that_nobody_watches(self, services):
        lonely = ScheduledFault(cron="0 3 * * 3", hypothesis="x", fault=STEPS[0])
        with pytest.raises(ValueError, match="nobody watches it"):
            workflow(lonely, services)

    def test_every_child_exists_and_every_template_is_reached_once(self, templates):
        children = [c for template in templates.values() for c in template.get("children", ())]
        assert sorted([*children, "entry"]) == sorted(templates)


class TestDeadlines:
    def test_every_template_has_one(self, templates):
        assert all(length(template).total_seconds() > 0 for template in templates.values())

    def test_a_fault_ends_with_its_step_and_has_no_duration(self, templates):
        step = templates["pod-failure"]
        assert (step["templateType"], step["deadline"]) == ("PodChaos", "30s")
        assert "duration" not in step["podChaos"]

    def test_a_run_takes_little_longer_than_its_checks_and_faults(self, templates):
        assert templates["entry"]["deadline"] == "10m45s"  # 1m + (30s + 5m + 3m) + 1m, and slack

    def test_a_group_outlasts_what_is_in_it(self, templates):
        """Its deadline would cut off the last step before it is over."""
        assert length(templates["faults"]) > timedelta(minutes=8, seconds=30)
        inside = sum(map(length, (templates[name] for name in STAGES_OF_ENTRY)), timedelta())
        assert length(templates["entry"]) > inside


class TestChecks:
    def test_each_can_stop_the_run_and_asks_the_same_question(self, templates):
        for name in ("steady-state", "watch", "health-validation"):
            assert templates[name]["abortWithStatusCheck"] is True
            assert templates[name]["statusCheck"]["http"] == {
                "url": "https://gateway.example/healthz",
                "method": "GET",
                "criteria": {"statusCode": "200-299"},
            }

    def test_those_before_and_after_come_to_a_verdict_before_their_step_is_over(self, templates):
        for name in ("steady-state", "health-validation"):
            check = templates[name]["statusCheck"]
            assert check["mode"] == "Synchronous"
            assert parse_duration(check["duration"]) < length(templates[name])

    def test_the_watch_goes_on_until_the_last_fault_is_over(self, templates):
        watch = templates["watch"]
        assert watch["statusCheck"]["mode"] == "Continuous"
        assert "duration" not in watch["statusCheck"]
        assert length(watch) == timedelta(minutes=8, seconds=30)

    def test_the_guard_asks_as_often_as_the_watch(self, made):
        templates = made(guard="http://prometheus/api/v1/query?query=1")
        guard, watch = templates["guard"], templates["watch"]
        assert guard["abortWithStatusCheck"] is True
        assert guard["statusCheck"]["http"]["criteria"] == {"statusCode": "200"}
        question = {"http": None}
        assert guard["statusCheck"] | question == watch["statusCheck"] | question

    def test_the_watch_reacts_within_half_of_the_shortest_fault(self, templates):
        check = templates["watch"]["statusCheck"]
        reaction = (check["failureThreshold"] + 1) * check["intervalSeconds"]
        reaction += check["timeoutSeconds"]
        assert reaction <= length(templates["pod-failure"]).total_seconds() / 2

    def test_before_the_faults_a_few_bad_answers_are_enough_to_call_it_off(self, templates):
        assert templates["steady-state"]["statusCheck"]["failureThreshold"] == 3

    def test_after_the_faults_recovery_may_take_all_the_time_there_is(self, templates):
        check = templates["health-validation"]["statusCheck"]
        patience = check["failureThreshold"] * check["intervalSeconds"]
        assert patience >= parse_duration(check["duration"]).total_seconds()


class TestNames:
    @pytest.mark.parametrize("name", ["entry", "faults", "watch"])
    def test_a_step_cannot_take_the_name_of_a_stage(self, name):
        steps = [STEPS[0] | {"name": name}]
        with pytest.raises(ValidationError, match=f"{name} cannot name a step"):
            ScheduledWorkflow.model_validate(CHAIN | {"steps": steps})

    def test_all_names_that_a_workflow_uses_itself_are_reserved(self, made):
        templates = made(guard="http://x", rest="1m")
        assert set(templates) - {step["name"] for step in STEPS} == set(STAGES)
