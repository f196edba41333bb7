"""What a run really injected, by Chaos Mesh's own records."""

from ops.chaos.report.runs import experiment_run, workflow_run
from ops.records import Record
from tests.ops.conftest import NOW, made
from vocabulary.labels import CHAOS_ABORT, HYPOTHESIS, OWNER, PAUSE, TARGET


def event(operation, moment, *, kind="Succeeded", message=""):
    return {
        "type": kind, "operation": operation, "message": message,
        "timestamp": f"2026-11-24T11:{moment}Z",
    }  # fmt: skip


def record(target, *events, phase="Not Injected", injected=1):
    return {"id": target, "phase": phase, "injectedCount": injected, "events": list(events)}


def fault(*records, desired="Stop", kind="PodChaos", action="pod-failure", **spec):
    selector = {"namespaces": ["shop"], "labelSelectors": {"app": "api"}}
    return made(
        kind,
        spec={"action": action, "duration": "30s", "selector": selector, **spec},
        status={"experiment": {"desiredPhase": desired, "containerRecords": list(records)}},
    )


SCHEDULE = made(
    "Schedule",
    "nightly",
    metadata={
        "annotations": {HYPOTHESIS: "it holds"},
        "labels": {OWNER: "ann", TARGET: "api-service"},
    },
)


def times(run):
    return tuple(moment and moment.strftime("%M:%S") for moment in (run.start, run.end))


class TestExperiment:
    def test_lasts_from_the_first_fault_to_the_last_recovery(self):
        item = fault(
            record("shop/a", event("Apply", "00:05"), event("Recover", "00:31")),
            record("shop/b", event("Apply", "00:02"), event("Recover", "00:40")),
        )
        run = experiment_run(item, None, NOW)
        assert times(run) == ("00:02", "00:40")
        assert run.targets == ("shop/a", "shop/b")

    def test_goes_on_while_a_pod_still_has_the_fault(self):
        item = fault(record("shop/a", event("Apply", "00:05"), phase="Injected"), desired="Run")
        assert times(experiment_run(item, None, NOW)) == ("00:05", None)

    def test_that_hit_nobody_has_no_time(self):
        failed = event("Apply", "00:05", kind="Failed", message="no daemon")
        run = experiment_run(fault(record("shop/a", failed, injected=0)), None, NOW)
        assert times(run) == (None, None)
        assert run.targets == ()
        assert run.failures == ("Apply: no daemon",)

    def test_that_happens_once_is_over_at_once(self):
        item = fault(record("shop/a", event("Apply", "00:05"), phase="Injected"), action="pod-kill")
        assert times(experiment_run(item, None, NOW)) == ("00:05", "00:05")

    def test_takes_hypothesis_and_owner_from_its_schedule(self):
        run = experiment_run(fault(), SCHEDULE, NOW)
        assert (run.hypothesis, run.owner, run.service) == ("it holds", "ann", "api-service")

    def test_that_was_paused_says_by_whom(self):
        item = fault()
        item["status"]["conditions"] = [{"type": "Paused", "status": "True"}]
        assert experiment_run(item, SCHEDULE, NOW).aborted == "a pause"
        record = Record(by="ann", at=NOW, reason="incident").text()
        paused = {**SCHEDULE, "metadata": {**SCHEDULE["metadata"], "annotations": {PAUSE: record}}}
        assert experiment_run(item, paused, NOW).aborted == "ann: incident"

    def test_alone_is_aimed_at_what_it_selects(self):
        run = experiment_run(fault(), None, NOW)
        assert (run.service, run.service_namespace) == ("api", "shop")


def node(kind, start, deadline, name="step"):
    spec = {
        "type": kind, "templateName": name, "startTime": f"2026-11-24T11:{start}Z",
        "deadline": f"2026-11-24T11:{deadline}Z",
    }  # fmt: skip
    labels = {"chaos-mesh.org/workflow": "it"}
    return made("WorkflowNode", name, spec=spec, metadata={"labels": labels})


def said(reason, moment, name="pod-failure", kind="PodChaos", target="shop/api-1"):
    return {
        "reason": reason,
        "message": "no daemon",
        "metadata": {"annotations": {"chaos-mesh.org/id": target}},
        "involvedObject": {"kind": kind, "name": f"{name}-x7k2p"},
        "firstTimestamp": f"2026-11-24T11:{moment}Z",
    }


def gameday(end="10:00", **annotations):
    return made(
        "Workflow",
        metadata={"annotations": annotations},
        status={
            "endTime": f"2026-11-24T11:{end}Z",
            "conditions": [{"type": "Accomplished", "status": "True"}],
        },
    )


class TestWorkflow:
    NODES = (
        node("Serial", "00:00", "12:00", "entry"),
        node("StatusCheck", "00:00", "02:00", "steady-state"),
        node("PodChaos", "01:00", "01:30", "pod-failure"),
        node("NetworkChaos", "01:30", "06:30", "delay"),
    )

    EVENTS = (
        said("Started", "00:59"),
        said("Applied", "01:02"),
        said("Recovered", "01:33"),
        said("Applied", "01:35", "delay", "NetworkChaos", "shop/api-2"),
        said("Recovered", "06:31", "delay", "NetworkChaos", "shop/api-2"),
        said("Applied", "00:01", "of-another"),
    )

    def test_lasts_from_the_first_fault_to_the_last_recovery(self):
        run = workflow_run(gameday(), self.NODES, SCHEDULE, self.EVENTS)
        assert times(run) == ("01:02", "06:31")
        assert run.targets == ("shop/api-1", "shop/api-2")
        assert run.confirmed

    def test_that_hit_nobody_has_no_time(self):
        events = [said("Started", "01:00"), said("Failed", "01:01")]
        run = workflow_run(gameday(), self.NODES, SCHEDULE, events)
        assert times(run) == (None, None)
        assert run.failures == ("no daemon",)

    def test_whose_events_are_gone_is_taken_from_its_nodes_and_not_confirmed(self):
        run = workflow_run(gameday(), self.NODES, SCHEDULE, ())
        assert times(run) == ("01:00", "06:30")
        assert run.targets == ("delay", "pod-failure")
        assert not run.confirmed

    def test_that_was_stopped_ends_when_it_was(self):
        run = workflow_run(gameday("03:00", **{CHAOS_ABORT: "true"}), self.NODES, SCHEDULE, ())
        assert times(run) == ("01:00", "03:00")
        assert run.aborted == "a health check of the Workflow"

    def test_that_never_came_to_a_fault_has_none(self):
        run = workflow_run(gameday(), self.NODES[:2], SCHEDULE, ())
        assert times(run) == (None, None)
