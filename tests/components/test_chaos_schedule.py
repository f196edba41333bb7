from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from components.chaos_schedule import ChaosContext, ChaosSchedule, next_firings
from vocabulary.kinds import SCHEDULE

PAUSE = "experiment.chaos-mesh.org/pause"
FORCE = "pulumi.com/patchForce"
HEALTH = {"url": "http://gateway/health"}
FAULT = {"kind": "podFailure", "name": "api-pod-failure", "target": "api-service"}
CHAIN = {
    "name": "game-day",
    "cron": "0 3 * * 3",
    "steps": [FAULT, FAULT | {"name": "web-failure", "target": "web"}],
    "hypothesis": "x",
}


@pytest.fixture
def context(anomaly, service):
    def make(settings):
        services = {
            "api-service": service(replicas=3),
            "web": service(name="web", namespace="front"),
        }
        return ChaosContext(settings, services, "staging", anomaly(intervalMinutes=2))

    return make


@pytest.fixture
def deployed(deploy, chaos, context):
    def run(*, area=None, opts=lambda: None, chain=False, **keys):
        single = {"cron": "0 2-4/2 * * 1-5", "fault": FAULT, "hypothesis": "p95 < 500 ms"}
        which = {"workflows": [CHAIN | keys]} if chain else {"schedules": [single | keys]}
        settings = chaos(health=HEALTH, **which, **(area or {}))
        (scheduled,) = settings.recurring
        return deploy(lambda: ChaosSchedule(scheduled.name, scheduled, context(settings), opts()))

    return run


@pytest.fixture
def recurring(deployed):
    return lambda **keys: deployed(**keys).one(SCHEDULE)


class TestChaosSchedule:
    def test_it_is_a_schedule_beside_the_service_and_never_a_bare_experiment(self, deployed):
        graph = deployed()
        assert [item.type for item in graph.objects] == [SCHEDULE.token]
        assert graph.one(SCHEDULE).where == ("brisa", "api-pod-failure")

    def test_a_single_fault_is_watched_like_a_chain_of_them(self, recurring):
        spec = recurring().spec
        assert spec["type"] == "Workflow"
        templates = {each["name"]: each for each in spec["workflow"]["templates"]}
        assert templates["faults"]["children"] == ["api-pod-failure"]
        assert templates["watched-faults"]["children"] == ["faults", "watch"]

    def test_it_is_destroyed_before_what_it_depends_on(self, deployed, after_first):
        graph = deployed(opts=after_first)
        assert graph.waits(graph.one(SCHEDULE), graph.one("test:index:Thing"))

    def test_it_tells_what_it_made(self, deployed):
        component = deployed().one("brisa:chaos_schedule:ChaosSchedule")
        assert component.outputs == {"schedule": "api-pod-failure-schedule", "paused": False}

    def test_a_chain_lives_beside_the_first_target_and_names_all(self, recurring):
        made = recurring(chain=True)
        assert made.where == ("brisa", "game-day")
        assert made.metadata["annotations"]["platform.brisa/replicas"] == "api-service=3,web=2"
        assert "platform.brisa/target" not in made.metadata["labels"]


def asked(made):
    templates = {each["name"]: each for each in made.spec["workflow"]["templates"]}
    assert templates["watched-faults"]["children"] == ["faults", "watch", "guard"]
    probe = templates["guard"]["statusCheck"]["http"]
    assert probe["criteria"] == {"statusCode": "200"}
    url = urlsplit(probe["url"])
    assert (url.netloc, url.path) == ("prometheus.monitoring:9090", "/api/v1/query")
    (query,) = parse_qs(url.query)["query"]
    return query


class TestGuard:
    def test_a_condition_of_ones_own(self, recurring):
        made = recurring(abortWhen="errors > 0.1")
        assert "(errors > 0.1)" in asked(made)
        assert made.metadata["annotations"]["platform.brisa/abort-when"] == "errors > 0.1"

    def test_the_detector_speaks_for_those_that_are_no_targets(self, recurring):
        query = asked(recurring(collateral="abort", chain=True))
        assert 'destination_service_name!~"api-service|web"' in query
        assert 'destination_service_namespace=~"brisa|front"' in query

    def test_a_detector_that_has_not_judged_for_long_stops_it_too(self, recurring):
        query = asked(recurring(collateral="abort"))
        last = "max(anomaly_detector_last_success_timestamp_seconds)"
        assert f"time() - {last} > 360 or absent({last})" in query


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

    def test_an_experiment_may_have_an_owner_and_a_runbook_of_its_own(self, recurring):
        made = recurring(owner="shop", runbook="https://shop.example/runbook", expectedAlert="Slow")
        assert made.metadata["labels"]["platform.brisa/owner"] == "shop"
        annotations = made.metadata["annotations"]
        assert annotations["platform.brisa/runbook"] == "https://shop.example/runbook"
        assert annotations["platform.brisa/expected-alert"] == "Slow"


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
