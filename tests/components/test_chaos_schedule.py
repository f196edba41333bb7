import pytest

from components.chaos_schedule import ChaosSchedule
from components.recurrence import ChaosContext
from vocabulary.kinds import SCHEDULE

FAULT = {"kind": "podFailure", "name": "api-pod-failure", "target": "api-service"}


@pytest.fixture
def deployed(deploy, chaos, service):
    def run(opts=lambda: None, **keys):
        schedule = {"cron": "0 2 * * *", "hypothesis": "x", "fault": FAULT | keys}
        settings = chaos(schedules=[schedule])
        context = ChaosContext(settings, {"api-service": service()}, "staging")
        return deploy(
            lambda: ChaosSchedule("api-pod-failure", settings.schedules[0], context, opts())
        )

    return run


class TestChaosSchedule:
    def test_it_is_a_schedule_beside_the_service_and_never_a_bare_experiment(self, deployed):
        graph = deployed()
        assert [item.type for item in graph.objects] == [SCHEDULE.token]
        assert graph.one(SCHEDULE).where == ("brisa", "api-pod-failure")

    def test_it_embeds_the_fault_with_its_duration(self, deployed):
        spec = deployed(duration="45s").one(SCHEDULE).spec
        assert spec["type"] == "PodChaos"
        assert spec["podChaos"]["action"] == "pod-failure"
        assert spec["podChaos"]["duration"] == "45s"

    def test_it_is_destroyed_before_what_it_depends_on(self, deployed, after_first):
        graph = deployed(after_first)
        assert graph.waits(graph.one(SCHEDULE), graph.one("test:index:Thing"))

    def test_it_tells_what_it_made(self, deployed):
        component = deployed().one("brisa:chaos_schedule:ChaosSchedule")
        assert component.outputs == {"schedule": "api-pod-failure-schedule", "paused": False}
