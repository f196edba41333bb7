from datetime import UTC, datetime

import pytest

from components.chaos_schedule import ChaosSchedule
from components.recurrence import ChaosContext, next_firings
from vocabulary.kinds import SCHEDULE

PAUSE = "experiment.chaos-mesh.org/pause"
FORCE = "pulumi.com/patchForce"


@pytest.fixture
def recurring(deploy, chaos, service):
    def run(*, area=None, **keys):
        fault = {"kind": "podFailure", "name": "api-pod-failure", "target": "api-service"}
        schedule = {"cron": "0 2-4/2 * * 1-5", "fault": fault, "hypothesis": "p95 < 500 ms"}
        settings = chaos(schedules=[schedule | keys], **(area or {}))
        context = ChaosContext(settings, {"api-service": service(replicas=3)}, "staging")
        graph = deploy(lambda: ChaosSchedule("api-pod-failure", settings.schedules[0], context))
        return graph.one(SCHEDULE)

    return run


class TestWhen:
    def test_the_windows_time_zone_is_spelled_out(self, recurring):
        assert recurring().spec["schedule"] == "CRON_TZ=UTC 0 2-4/2 * * 1-5"
        elsewhere = recurring(area={"window": {"timezone": "America/Havana"}})
        assert elsewhere.spec["schedule"] == "CRON_TZ=America/Havana 0 2-4/2 * * 1-5"

    def test_a_time_zone_of_its_own_stays(self, recurring):
        own = "CRON_TZ=Europe/Madrid 0 3 * * *"
        assert recurring(cron=own).spec["schedule"] == own

    def test_runs_never_overlap_pile_up_or_vanish_without_a_record(self, recurring):
        spec = recurring().spec
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["startingDeadlineSeconds"] == 60
        assert spec["historyLimit"] == 10


class TestWhoAnswers:
    def test_everything_a_reviewer_asks_for_stands_on_the_object(self, recurring):
        made = recurring()
        assert made.metadata["annotations"] == {
            "platform.brisa/hypothesis": "p95 < 500 ms",
            "platform.brisa/runbook": made.metadata["annotations"]["platform.brisa/runbook"],
            "platform.brisa/replicas": "api-service=3",
        }
        assert made.metadata["annotations"]["platform.brisa/runbook"].startswith("https://")
        assert made.metadata["labels"] == {
            "app.kubernetes.io/name": "chaos",
            "app.kubernetes.io/part-of": "brisa-platform",
            "app.kubernetes.io/managed-by": "pulumi",
            "platform.brisa/environment": "staging",
            "platform.brisa/owner": "platform",
            "platform.brisa/target": "api-service",
        }


class TestPause:
    def test_is_not_mentioned_while_the_stack_does_not_pause(self, recurring):
        """So that one set by kubectl belongs to whoever set it."""
        made = recurring()
        assert PAUSE not in made.metadata["annotations"]
        assert FORCE not in made.metadata["annotations"]
        assert made.ignore_changes == ()

    @pytest.mark.parametrize("how", [{"paused": True}, {"area": {"killSwitch": True}}])
    def test_by_the_stack_wins_over_whoever_set_the_annotation(self, recurring, how):
        annotations = recurring(**how).metadata["annotations"]
        assert annotations[PAUSE] == annotations[FORCE] == "true"


class TestNextFirings:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday

    def settings(self, chaos, **keys):
        fault = {"kind": "podFailure", "name": "api-pod-failure", "target": "api-service"}
        schedule = {"cron": "0 2 * * 1-5", "fault": fault, "hypothesis": "x"}
        return chaos(
            schedules=[
                schedule,
                schedule | {"fault": fault | {"name": "asleep"}, "paused": True},
            ],
            window={"timezone": "America/Havana"},
            **keys,
        )

    def test_are_told_in_the_time_zone_of_the_schedule(self, chaos):
        assert next_firings(self.settings(chaos), self.now) == {
            "api-pod-failure": "2026-11-23T02:00:00-05:00",
            "asleep": "paused",
        }

    def test_are_none_under_the_kill_switch(self, chaos):
        firings = next_firings(self.settings(chaos, killSwitch=True), self.now)
        assert set(firings.values()) == {"paused"}
