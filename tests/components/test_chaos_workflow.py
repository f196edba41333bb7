import pytest
from pydantic import ValidationError

from components.chaos_workflow import ChaosWorkflow, workflow
from components.recurrence import ChaosContext
from settings.chaos import STAGES, ScheduledWorkflow
from vocabulary.kinds import SCHEDULE
from vocabulary.timing.duration import parse_duration

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
def templates(services):
    made = workflow(ScheduledWorkflow.model_validate(CHAIN), services)
    assert made["entry"] == "entry"
    return {template["name"]: template for template in made["templates"]}


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

    def test_a_run_takes_no_longer_than_its_checks_and_faults(self, templates):
        assert templates["entry"]["deadline"] == "10m30s"  # 1m + (30s + 5m + 3m) + 1m


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
        assert length(watch) == length(templates["faults"])

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


class TestChaosWorkflow:
    @pytest.fixture
    def made(self, deploy, chaos, services):
        settings = chaos(workflows=[CHAIN])
        context = ChaosContext(settings, services, "staging")
        return deploy(lambda: ChaosWorkflow("game-day", settings.workflows[0], context))

    def test_it_is_a_schedule_and_never_a_bare_workflow(self, made):
        assert [item.type for item in made.objects] == [SCHEDULE.token]
        assert made.one(SCHEDULE).spec["type"] == "Workflow"
        assert made.one(SCHEDULE).spec["workflow"]["entry"] == "entry"

    def test_it_lives_beside_the_first_target_and_names_all(self, made):
        schedule = made.one(SCHEDULE)
        assert schedule.where == ("brisa", "game-day")
        assert schedule.metadata["annotations"]["platform.brisa/replicas"] == "api-service=3,web=2"
        assert "platform.brisa/target" not in schedule.metadata["labels"]


class TestNames:
    @pytest.mark.parametrize("name", ["entry", "faults", "watch"])
    def test_a_step_cannot_take_the_name_of_a_stage(self, name):
        steps = [STEPS[0] | {"name": name}]
        with pytest.raises(ValidationError, match=f"{name} cannot name a step"):
            ScheduledWorkflow.model_validate(CHAIN | {"steps": steps})

    def test_all_names_that_a_workflow_uses_itself_are_reserved(self, templates):
        assert set(templates) - {step["name"] for step in STEPS} == set(STAGES)
