"""How experiments, Schedules and Workflows stand."""

from datetime import timedelta

import pytest

from ops.chaos.phases import is_one_shot
from ops.chaos.state import experiment, schedule, workflow
from tests.ops.conftest import NOW, made
from vocabulary.labels import CHAOS_ABORT, CHAOS_PAUSE

MINUTES = timedelta(minutes=1)


def record(phase, target="shop/api-1/api"):
    return {"id": target, "phase": phase}


def fault(*conditions, records=(), desired="Run", age=MINUTES, kind="NetworkChaos", **parts):
    spec = {"action": "delay", "duration": "5m", **parts.pop("spec", {})}
    status = {
        "conditions": [{"type": each, "status": "True"} for each in conditions],
        "experiment": {"desiredPhase": desired, "containerRecords": list(records)},
    }
    return made(kind, age=age, spec=spec, status=status, **parts)


def phase(item):
    return experiment(item, NOW).phase


class TestPhase:
    def test_is_injecting_until_all_targets_have_the_fault(self):
        assert phase(fault("Selected", records=[record("Not Injected")])) == "injecting"

    def test_is_running_once_they_have(self):
        assert phase(fault("Selected", "AllInjected", records=[record("Injected")])) == "running"

    def test_is_paused_when_chaos_mesh_says_so(self):
        assert phase(fault("Selected", "Paused", desired="Stop")) == "paused"

    def test_is_finished_when_its_time_is_up_and_all_is_undone(self):
        done = fault(desired="Stop", records=[record("Not Injected")], age=6 * MINUTES)
        assert phase(done) == "finished"

    def test_is_not_finished_while_a_pod_still_has_the_fault(self):
        item = fault("Selected", "AllInjected", desired="Stop", records=[record("Injected")],
                     age=6 * MINUTES)  # fmt: skip
        assert phase(item) == "running"

    def test_is_deleting_whatever_else_it_is(self):
        gone = fault("Paused", metadata={"deletionTimestamp": "2026-11-24T11:59:00Z"})
        assert phase(gone) == "deleting"

    def test_of_what_happens_once_is_finished_when_it_has_happened(self):
        item = fault(kind="PodChaos", records=[record("Injected")], spec={"action": "pod-kill"})
        assert phase(item) == "finished"


@pytest.mark.parametrize(
    "kind, action, once",
    [
        ("PodChaos", "pod-kill", True),
        ("PodChaos", "container-kill", True),
        ("PodChaos", "pod-failure", False),
        ("AWSChaos", "ec2-restart", True),
        ("AWSChaos", "ec2-stop", False),
        ("AzureChaos", "vm-restart", True),
        ("GCPChaos", "node-reset", True),
        ("NetworkChaos", "delay", False),
    ],
)
def test_what_happens_once_is_known(kind, action, once):
    assert is_one_shot(made(kind, spec={"action": action})) is once


class TestStuck:
    @pytest.mark.parametrize(
        "item, said",
        [
            (fault(records=[record("Not Injected")], age=4 * MINUTES), ""),
            (
                fault("Selected", age=6 * MINUTES, spec={"duration": "1h"}),
                "injecting for 6 minutes",
            ),
            (
                fault(metadata={"deletionTimestamp": "2026-11-24T11:45:00Z"}),
                "deleting for 15 minutes",
            ),
            (fault(metadata={"deletionTimestamp": "2026-11-24T11:55:00Z"}), ""),
            (
                fault("Selected", "AllInjected", records=[record("Injected")], age=30 * MINUTES),
                "its time was up 25 minutes ago",
            ),
            (fault("Selected", "AllInjected", age=30 * MINUTES, spec={"duration": "1h"}), ""),
            (fault("Selected", "AllInjected", age=99 * MINUTES, spec={"duration": None}), ""),
        ],
    )
    def test_is_told_with_how_long(self, item, said):
        assert experiment(item, NOW).stuck == said

    def test_targets_that_still_have_the_fault_are_named(self):
        records = [record("Injected", "shop/api-1/api"), record("Not Injected", "shop/api-2/api")]
        assert experiment(fault(records=records), NOW).faulty == ("shop/api-1/api",)


class TestSchedule:
    def make(self, **annotations):
        spec = {"schedule": "CRON_TZ=UTC 30 2 * * mon", "type": "NetworkChaos"}
        return made("Schedule", spec=spec, metadata={"annotations": annotations})

    def test_says_when_it_fires_next(self):
        assert schedule(self.make(), NOW).next_firing.isoformat() == "2026-11-30T02:30:00+00:00"

    def test_never_fires_while_it_is_paused(self):
        found = schedule(self.make(**{CHAOS_PAUSE: "true"}), NOW)
        assert (found.paused, found.next_firing) == (True, None)

    @pytest.mark.parametrize("value", ["false", "True", ""])
    def test_is_paused_by_true_only(self, value):
        assert not schedule(self.make(**{CHAOS_PAUSE: value}), NOW).paused

    def test_that_cannot_be_foretold_is_shown_all_the_same(self):
        item = made("Schedule", spec={"schedule": "@every 2h", "type": "PodChaos"})
        assert schedule(item, NOW).next_firing is None


@pytest.mark.parametrize(
    "accomplished, abort, expected",
    [
        ("False", None, "running"),
        ("False", "true", "aborting"),
        ("True", "true", "aborted"),
        ("True", None, "finished"),
        ("True", "false", "finished"),
    ],
)
def test_a_workflow_runs_until_it_is_over_or_aborted(accomplished, abort, expected):
    item = made(
        "Workflow",
        metadata={"annotations": {CHAOS_ABORT: abort} if abort else None},
        status={"conditions": [{"type": "Accomplished", "status": accomplished}]},
    )
    assert workflow(item).phase == expected
