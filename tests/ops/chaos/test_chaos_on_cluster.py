"""Chaos commands on a real API server with Chaos Mesh's definitions.

Its controller does not run here: what it would make of an annotation is written by the tests.
"""

import json
import threading

import pytest

from ops.chaos.overview import find_chaos
from ops.errors import NotFoundError
from tests.installed import listed
from vocabulary.labels import CHAOS_ABORT, CHAOS_CLEAN_FINALIZER, CHAOS_PAUSE, PAUSE

pytestmark = pytest.mark.cluster

VERSION = "chaos-mesh.org/v1alpha1"
MERGE = "application/merge-patch+json"
SELECTOR = {"namespaces": ["shop"], "labelSelectors": {"app": "api"}}
FINALIZER = "chaos-mesh/records"


def network_chaos(name="slow", **metadata):
    return {
        "apiVersion": VERSION,
        "kind": "NetworkChaos",
        "metadata": {"name": name, **metadata},
        "spec": {
            "action": "delay",
            "mode": "one",
            "selector": SELECTOR,
            "duration": "1h",
            "delay": {"latency": "100ms"},
        },
    }


def pod_kill(name="kill"):
    return {
        "apiVersion": VERSION,
        "kind": "PodChaos",
        "metadata": {"name": name},
        "spec": {"action": "pod-kill", "mode": "one", "selector": SELECTOR},
    }


def schedule(name="nightly", *, deadline=60, **metadata):
    spec = {
        "schedule": "0 2 * * *",
        "type": "NetworkChaos",
        "historyLimit": 3,
        "networkChaos": network_chaos()["spec"],
    }
    if deadline:
        spec["startingDeadlineSeconds"] = deadline
    return {
        "apiVersion": VERSION,
        "kind": "Schedule",
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }


def workflow(name="gameday"):
    """As a Schedule starts one: without any annotation."""
    template = {"name": "entry", "templateType": "Suspend", "deadline": "1h"}
    return {
        "apiVersion": VERSION,
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {"entry": "entry", "templates": [template]},
    }


@pytest.fixture
def create(platform, space):
    def call(*documents):
        platform.kubectl("create", "-n", space, "-f", "-", stdin=listed(documents))

    return call


@pytest.fixture
def get(cluster, space):
    def call(target):
        return cluster.get(*find_chaos(cluster, target, space))

    return call


@pytest.fixture
def write_status(cluster, space):
    """Write what the controller would write; its definitions have no status subresource."""

    def call(target, *, phase="Injected", conditions=("Selected", "AllInjected")):
        status = {
            "conditions": [{"type": each, "status": "True"} for each in conditions],
            "experiment": {
                "desiredPhase": "Run",
                "containerRecords": [
                    {
                        "id": "shop/api-1",
                        "selectorKey": ".",
                        "phase": phase,
                        "injectedCount": 1,
                        "recoveredCount": 0,
                        "events": [
                            {
                                "type": "Failed",
                                "operation": "Recover",
                                "message": "no daemon on the node",
                                "timestamp": "2026-11-24T12:00:00Z",
                            }
                        ],
                    }
                ],
            },
        }
        path = path_of(cluster, find_chaos(cluster, target, space))
        cluster.request("PATCH", path, {"status": status}, content_type=MERGE)

    return call


def path_of(cluster, ref):
    return cluster.catalogue.find(ref.type).path(ref.namespace, ref.name)


def notes(item):
    return item["metadata"].get("annotations") or {}


def names(document):
    return {f"{each['kind']}/{each['name']}": each for each in document["changes"]}


class TestPauseAll:
    @pytest.fixture
    def everything(self, create, write_status):
        create(schedule(), schedule("held", annotations={CHAOS_PAUSE: "true"}), workflow(),
               network_chaos(), pod_kill())  # fmt: skip
        write_status("networkchaos/slow")

    def pause(self, ops, space, *more):
        return ops("chaos", "pause-all", "-n", space, "--reason", "incident 42", "--no-wait",
                   "-o", "json", *more)  # fmt: skip

    def test_stops_schedules_workflows_and_experiments(self, ops, space, get, everything):
        done = self.pause(ops, space, "--yes")
        assert done.code == 0, done.err
        assert notes(get("nightly"))[CHAOS_PAUSE] == "true"
        assert notes(get("workflow/gameday"))[CHAOS_ABORT] == "true"
        assert notes(get("networkchaos/slow"))[CHAOS_PAUSE] == "true"

    def test_says_on_each_who_and_why(self, ops, space, get, everything):
        self.pause(ops, space, "--yes")
        for target in ("nightly", "workflow/gameday", "networkchaos/slow"):
            record = json.loads(notes(get(target))[PAUSE])
            assert record["reason"] == "incident 42"
            assert record["by"].endswith("as sandbox-admin")

    def test_names_what_cannot_be_stopped_and_leaves_it_alone(self, ops, space, get, everything):
        before = get("podchaos/kill")
        done = self.pause(ops, space, "--yes")
        (found,) = done.document["unstoppable"]
        assert (found["kind"], found["name"]) == ("PodChaos", "kill")
        assert "pod-kill has happened or happens at once" in found["why"]
        assert get("podchaos/kill") == before

    def test_leaves_what_others_have_paused(self, ops, space, get, everything):
        done = self.pause(ops, space, "--yes")
        held = names(done.document)["Schedule/held"]
        assert (held["action"], held["note"]) == (
            "none", "it was paused before (by hand or by the stack)",
        )  # fmt: skip
        assert PAUSE not in notes(get("held"))

    def test_stops_schedules_first(self, ops, space, everything):
        order = [each["kind"] for each in self.pause(ops, space, "--yes").document["changes"]]
        assert order == ["Schedule", "Schedule", "Workflow", "NetworkChaos"]

    def test_leaves_experiments_to_the_schedule_that_started_them(self, ops, space, create, get):
        create(schedule())
        owner = get("nightly")["metadata"]
        reference = {"apiVersion": VERSION, "kind": "Schedule", "name": owner["name"],
                     "uid": owner["uid"], "controller": True}  # fmt: skip
        create(network_chaos("nightly-x7k2p", ownerReferences=[reference]))
        done = self.pause(ops, space, "--yes")
        assert set(names(done.document)) == {"Schedule/nightly"}

    def test_done_again_changes_nothing(self, ops, space, everything):
        self.pause(ops, space, "--yes")
        again = self.pause(ops, space, "--yes").document
        assert {each["action"] for each in again["changes"]} == {"none"}

    def test_a_dry_run_changes_nothing(self, ops, space, get, everything):
        before = get("nightly")
        done = self.pause(ops, space, "--dry-run")
        assert names(done.document)["Schedule/nightly"]["applied"] is False
        assert get("nightly") == before

    def test_is_not_done_unasked(self, ops, space, get, everything):
        done = self.pause(ops, space)
        assert done.code == 2
        assert "say --yes" in done.err
        assert CHAOS_PAUSE not in notes(get("nightly"))

    def test_waits_until_the_faults_are_undone(self, ops, space, everything, write_status):
        timer = threading.Timer(
            1.5, write_status, ("networkchaos/slow",),
            {"phase": "Not Injected", "conditions": ("Paused",)},
        )  # fmt: skip
        timer.start()
        done = ops("chaos", "pause-all", "-n", space, "--reason", "x", "--yes")
        timer.join()
        assert done.code == 0, done.err
        assert f"NetworkChaos/slow in {space}: shop/api-1" in done.err

    def test_says_what_was_done_and_where_faults_still_are(self, ops, space, everything):
        done = ops("chaos", "pause-all", "-n", space, "--reason", "x", "--yes", "--timeout", "1s")
        assert done.code == 1
        assert "changed Schedule/nightly" in done.out
        assert "faults are still in pods: NetworkChaos/slow" in done.err

    def test_survives_flux_and_pulumi(self, ops, platform, space, get, everything):
        self.pause(ops, space, "--yes")
        for manager in ("kustomize-controller", "pulumi-kubernetes-12345678"):
            platform.kubectl(
                "apply", "--server-side", "--force-conflicts", f"--field-manager={manager}",
                "-n", space, "-f", "-", stdin=json.dumps(schedule()),
            )  # fmt: skip
        assert notes(get("nightly"))[CHAOS_PAUSE] == "true"


class TestRun:
    def test_a_dry_run_asks_the_api_server_though_an_earlier_copy_is_there(
        self, ops, create, get, space
    ):
        create(schedule(), schedule("nightly-now"))
        before = get("nightly-now")["metadata"]["uid"]
        done = ops("chaos", "run", "nightly", "-n", space, "--dry-run")
        assert done.code == 0
        assert f"would create Schedule/nightly-now in {space}" in done.out
        assert get("nightly-now")["metadata"]["uid"] == before

    def test_a_paused_schedule_is_not_run(self, ops, create, space):
        create(schedule(annotations={CHAOS_PAUSE: "true"}))
        done = ops("chaos", "run", "nightly", "-n", space, "--yes")
        assert done.code == 2
        assert "is paused" in done.err


class TestPause:
    def test_one_schedule(self, ops, create, get, space):
        create(schedule(), schedule("other"))
        done = ops("chaos", "pause", "nightly", "-n", space, "--reason", "x")
        assert done.code == 0
        assert notes(get("nightly"))[CHAOS_PAUSE] == "true"
        assert CHAOS_PAUSE not in notes(get("other"))

    def test_does_not_wait_for_faults_of_others(self, ops, create, write_status, space):
        create(schedule(), network_chaos())
        write_status("networkchaos/slow")
        given = ("chaos", "pause", "nightly", "-n", space, "--reason", "x", "--timeout", "1s")
        assert ops(*given).code == 0

    def test_of_a_schedule_aborts_the_workflow_that_it_has_started(self, ops, create, get, space):
        recurring = schedule("weekly")
        recurring["spec"] |= {"type": "Workflow", "workflow": workflow()["spec"]}
        del recurring["spec"]["networkChaos"]
        run = workflow("weekly-x7k2p")
        run["metadata"]["labels"] = {"managed-by": "weekly"}
        create(recurring, run)
        done = ops("chaos", "pause", "weekly", "-n", space, "--reason", "x")
        assert done.code == 0
        assert notes(get("weekly"))[CHAOS_PAUSE] == "true"
        assert notes(get("workflow/weekly-x7k2p"))[CHAOS_ABORT] == "true"

    def test_what_cannot_be_paused_is_refused_before_anything_is_changed(
        self, ops, create, get, space
    ):
        create(schedule(), pod_kill())
        done = ops("chaos", "pause", "nightly", "podchaos/kill", "-n", space, "--reason", "x")
        assert done.code == 2
        assert "PodChaos/kill: pod-kill has happened" in done.err
        assert CHAOS_PAUSE not in notes(get("nightly"))

    def test_a_workflow_is_aborted_only_when_told_so(self, ops, create, get, space):
        create(workflow())
        given = ("chaos", "pause", "wf/gameday", "-n", space, "--reason", "x", "--no-wait")
        assert ops(*given).code == 2
        assert ops(*given, "--yes").code == 0
        assert notes(get("workflow/gameday"))[CHAOS_ABORT] == "true"


class TestResume:
    def test_lets_go_on_exactly_what_was_paused_with_ops(self, ops, create, get, space):
        create(schedule(), schedule("held", annotations={CHAOS_PAUSE: "true"}), network_chaos())
        ops("chaos", "pause-all", "-n", space, "--reason", "x", "--yes", "--no-wait")
        done = ops("chaos", "resume", "--all", "-n", space)
        assert done.code == 0, done.err
        for target in ("nightly", "networkchaos/slow"):
            assert not {CHAOS_PAUSE, PAUSE} & notes(get(target)).keys()
        assert notes(get("held"))[CHAOS_PAUSE] == "true"

    def test_of_what_others_have_paused_is_refused_with_what_to_do(self, ops, create, get, space):
        create(schedule("held", annotations={CHAOS_PAUSE: "true"}))
        done = ops("chaos", "resume", "held", "-n", space)
        assert "it was not paused with ops" in done.out
        assert notes(get("held"))[CHAOS_PAUSE] == "true"

    def test_leaves_a_pause_that_the_stack_has_taken_over(self, ops, platform, create, get, space):
        create(schedule())
        ops("chaos", "pause", "nightly", "-n", space, "--reason", "x")
        # The kill switch: the stack declares the annotation and takes it by force.
        platform.kubectl(
            "apply", "--server-side", "--force-conflicts", "--field-manager=pulumi-kubernetes-1",
            "-n", space, "-f", "-",
            stdin=json.dumps(schedule(annotations={CHAOS_PAUSE: "true"})),
        )  # fmt: skip
        done = ops("chaos", "resume", "--all", "-n", space)
        assert "the stack has taken the pause over" in done.out
        assert notes(get("nightly"))[CHAOS_PAUSE] == "true"

    def test_warns_of_a_run_that_starts_at_once(self, ops, create, space):
        create(schedule(deadline=None))
        ops("chaos", "pause", "nightly", "-n", space, "--reason", "x")
        done = ops("chaos", "resume", "nightly", "-n", space)
        assert "a run it missed starts at once" in done.out

    def test_a_workflow_does_not_go_on(self, ops, create, space):
        create(workflow())
        done = ops("chaos", "resume", "workflow/gameday", "-n", space)
        assert "does not go on" in done.out

    @pytest.mark.parametrize("given", [(), ("nightly", "--all")])
    def test_must_be_told_what(self, ops, given):
        assert ops("chaos", "resume", *given).code == 2


class TestList:
    def test_shows_what_runs_and_what_is_paused_by_whom(self, ops, create, write_status, space):
        create(schedule(), workflow(), network_chaos())
        write_status("networkchaos/slow")
        ops("chaos", "pause", "nightly", "-n", space, "--reason", "release")
        done = ops("chaos", "list", "-n", space, "-o", "json")
        assert done.code == 0
        (nightly,) = done.document["schedules"]
        assert nightly["record"]["reason"] == "release"
        (slow,) = done.document["experiments"]
        assert (slow["phase"], slow["faulty"]) == ("running", ["shop/api-1"])

    def test_of_nothing_says_so(self, ops, space):
        done = ops("chaos", "list", "-n", space)
        assert (done.code, done.out) == (0, "no Schedule, no Workflow, no experiment\n")


class TestUnstick:
    """The ladder; finalizers hold the object as Chaos Mesh's would."""

    @pytest.fixture
    def stuck(self, create, write_status):
        create(network_chaos(finalizers=[FINALIZER]))
        write_status("networkchaos/slow")
        return "networkchaos/slow"

    @pytest.fixture
    def controller(self, create, cluster, platform, space):
        """A pod that looks like Chaos Mesh's controller, and is ready."""
        labels = {
            "app.kubernetes.io/part-of": "chaos-mesh",
            "app.kubernetes.io/component": "controller-manager",
        }
        create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "controller", "labels": labels},
                "spec": {"containers": [{"name": "c", "image": "c"}]},
            }
        )
        cluster.request(
            "PATCH",
            f"/api/v1/namespaces/{space}/pods/controller/status",
            {"status": {"conditions": [{"type": "Ready", "status": "True"}]}},
            content_type="application/strategic-merge-patch+json",
        )
        yield
        platform.kubectl("delete", "pod", "controller", "-n", space, "--force")

    def unstick(self, ops, space, target, *more):
        return ops("chaos", "unstick", target, "-n", space, "--timeout", "1s", *more)

    def test_what_goes_when_it_is_deleted_is_gone(self, ops, create, get, space):
        create(network_chaos())
        done = self.unstick(ops, space, "networkchaos/slow", "--yes", "-o", "json")
        assert done.code == 0, done.err
        assert done.document["gone"] is True
        assert done.document["left"] == []
        with pytest.raises(NotFoundError):
            get("networkchaos/slow")

    @pytest.fixture
    def heeded(self, cluster, get, space, stuck, controller):
        """What the controller does once it is told to give up."""

        def listen():
            while CHAOS_CLEAN_FINALIZER not in notes(get(stuck)):
                pass
            path = path_of(cluster, find_chaos(cluster, stuck, space))
            cluster.request("PATCH", path, {"metadata": {"finalizers": None}}, content_type=MERGE)

        listener = threading.Thread(target=listen)
        listener.start()
        yield stuck
        listener.join()

    def test_what_does_not_go_is_given_up_and_its_pods_are_named(self, ops, space, heeded):
        done = ops(
            "chaos", "unstick", heeded, "-n", space, "--timeout", "3s", "--yes", "-o", "json"
        )  # fmt: skip
        assert done.code == 3
        assert [each["action"] for each in done.document["steps"]] == ["delete", "patch"]
        (left,) = done.document["left"]
        assert (left["target"], left["message"]) == ("shop/api-1", "no daemon on the node")

    def test_without_a_controller_nothing_is_given_up(self, ops, get, space, stuck):
        done = self.unstick(ops, space, stuck, "--yes")
        assert done.code == 3
        assert "no controller of Chaos Mesh is ready" in done.err
        assert CHAOS_CLEAN_FINALIZER not in notes(get(stuck))
        assert get(stuck)["metadata"]["finalizers"] == [FINALIZER]

    def test_force_removes_finalizers_when_no_controller_is_there(self, ops, get, space, stuck):
        done = self.unstick(ops, space, stuck, "--yes", "--force")
        assert done.code == 3
        assert "restart these pods" in done.out
        assert "shop/api-1  no daemon on the node" in done.out
        with pytest.raises(NotFoundError):
            get(stuck)

    def test_force_removes_them_where_one_is_told_to_give_up_and_does_not(
        self, ops, get, space, stuck, controller
    ):
        done = self.unstick(ops, space, stuck, "--yes", "--force", "-o", "json")
        assert done.code == 3
        changed = [each["differences"] for each in done.document["steps"]]
        assert [each[0]["path"].partition(".")[2] for each in changed if each] == [
            f"annotations.{CHAOS_CLEAN_FINALIZER}",
            "finalizers",
        ]
        with pytest.raises(NotFoundError):
            get(stuck)

    def test_without_force_a_controller_that_does_not_give_up_keeps_it(
        self, ops, get, space, stuck, controller
    ):
        done = self.unstick(ops, space, stuck, "--yes")
        assert done.code == 3
        assert "although its controller was told to give up" in done.err
        assert get(stuck)["metadata"]["finalizers"] == [FINALIZER]

    def test_goes_on_where_it_stopped(self, ops, space, stuck):
        self.unstick(ops, space, stuck, "--yes")
        done = self.unstick(ops, space, stuck, "--yes", "--force", "-o", "json")
        first, second = done.document["steps"]
        assert (first["action"], first["note"]) == ("none", "it is being deleted already")
        assert second["action"] == "patch"

    def test_a_dry_run_deletes_nothing_and_shows_the_pods(self, ops, get, space, stuck):
        done = self.unstick(ops, space, stuck, "--dry-run")
        assert done.code == 0
        assert "would delete NetworkChaos/slow" in done.out
        assert "shop/api-1" in done.out
        assert "deletionTimestamp" not in get(stuck)["metadata"]

    def test_is_not_done_unasked(self, ops, get, space, stuck):
        assert self.unstick(ops, space, stuck).code == 2
        assert "deletionTimestamp" not in get(stuck)["metadata"]
