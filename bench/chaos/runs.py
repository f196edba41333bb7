"""Runs of experiments on a live sandbox, begun at once instead of at a full minute.

A Workflow is made as Chaos Mesh makes one of a Schedule: by its account, owned by that Schedule. So
every rule of the cluster judges it.
"""

import copy
import json
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from ops.chaos.overview import ChaosOverview, get_overview
from ops.cluster import Cluster, Object, connect
from ops.cluster.objects import is_true, labels, lookup
from sandbox.cluster import Cluster as Kubectl
from sandbox.demo.demo import SERVICES_HOME
from sandbox.errors import ClusterError
from sandbox.folder import SandboxFolder
from vocabulary.kinds import CHAOS_VERSION, SCHEDULE, WORKFLOW, Kind
from vocabulary.labels import APP

CONTROLLER = "system:serviceaccount:chaos-mesh:chaos-controller-manager"
TEMPLATE, FAULT = "api-pod-failure", "api-pod-failure"
"""Schedule whose run is copied, and its step that is the fault."""

STRESS = ("api-cpu-stress", "api-cpu-stress")
"""The same of a fault of which many fit beside each other."""

SERVICE = "api-service"
POLL = 0.2
PATIENCE = timedelta(minutes=5)
NODE = Kind(CHAOS_VERSION, "WorkflowNode")
POD = Kind("v1", "Pod")

Answer = TypeVar("Answer")
Steps = dict[str, Any]


def until(
    look: Callable[[], Answer | None],
    what: str,
    patience: timedelta = PATIENCE,
    poll: float = POLL,
) -> Answer:
    """The first answer that is true."""
    end = time.monotonic() + patience.total_seconds()
    while not (answer := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {patience}: {what}")
        time.sleep(poll)
    return answer


@dataclass(frozen=True)
class Runs:
    """Experiments on the demo's services."""

    cluster: Cluster
    kubectl: Kubectl

    @classmethod
    def on(cls, folder: SandboxFolder) -> Self:
        """Those on a sandbox that stands."""
        kubeconfig = folder.root / "kubeconfig"
        return cls(connect(str(kubeconfig)), Kubectl(kubeconfig))

    def start(self, change: Callable[[Steps], None], number: int = 1) -> list[str]:
        """Begin runs; returns their names."""
        schedule = self.schedule(TEMPLATE)
        spec = copy.deepcopy(schedule["spec"]["workflow"])
        change({each["name"]: each for each in spec["templates"]})
        about = schedule["metadata"]
        owner = {
            "apiVersion": CHAOS_VERSION,
            "kind": SCHEDULE.kind,
            "name": about["name"],
            "uid": about["uid"],
            "controller": True,
        }
        made = {
            "apiVersion": CHAOS_VERSION,
            "kind": WORKFLOW.kind,
            "metadata": {
                "generateName": "bench-",
                "namespace": SERVICES_HOME,
                "ownerReferences": [owner],
            },
            "spec": spec,
        }
        listed = {"apiVersion": "v1", "kind": "List", "items": [made] * number}
        create = ("create", f"--as={CONTROLLER}", "--filename=-", "--output=name")
        made_of = self.kubectl.run(*create, stdin=json.dumps(listed)).split()
        return [each.rpartition("/")[2] for each in made_of]

    def hit(self, names: Collection[str], patience: timedelta = PATIENCE) -> None:
        """Wait until the fault of each run is in a pod."""
        until(lambda: len(self.faulty(names)) == len(names), "the faults are injected", patience)

    def refuses(self) -> bool:
        """Whether the cluster takes no new Schedule."""
        about = {"name": "bench-refused", "namespace": SERVICES_HOME}
        found = self.schedule(TEMPLATE)
        kept = {key: found["metadata"][key] for key in ("labels", "annotations")}
        notes = {k: v for k, v in kept["annotations"].items() if k.startswith("platform.brisa/")}
        made = found | {"metadata": {**about, "labels": kept["labels"], "annotations": notes}}
        made.pop("status", None)
        try:
            self.kubectl.run("create", "--dry-run=server", "--filename=-", stdin=json.dumps(made))
        except ClusterError as refusal:
            return "experiments are stopped by" in str(refusal)
        return False

    def schedule(self, name: str) -> Object:
        """A Schedule of the stack."""
        return self.cluster.get(SCHEDULE, SERVICES_HOME, name)

    def paused(self) -> set[str]:
        """Names of the Schedules that start nothing."""
        return {each.name for each in self.overview().schedules if each.paused}

    def overview(self) -> ChaosOverview:
        """All that goes on."""
        return get_overview(self.cluster, namespace=SERVICES_HOME)

    def faulty(self, names: Collection[str]) -> list[str]:
        """Runs of which a pod still has a fault."""
        return [e.workflow for e in self.overview().experiments if e.faulty and e.workflow in names]

    def aborted(self, name: str) -> bool:
        """Whether a run has been stopped, or is being."""
        phases = {each.name: each.phase for each in self.overview().workflows}
        return phases.get(name) in ("aborting", "aborted")

    def begun(self, name: str, step: str) -> datetime | None:
        """When a step of a run began."""
        selector = {"chaos-mesh.org/workflow": name}
        for node in self.cluster.all(NODE, namespace=SERVICES_HOME, labels=selector):
            if lookup(node, "spec", "templateName") == step:
                return datetime.fromisoformat(node["spec"]["startTime"])
        return None

    def ready(self) -> int:
        """Pods of the service that are ready and stable."""
        pods = self.cluster.all(POD, namespace=SERVICES_HOME, labels={APP: SERVICE})
        stable = (pod for pod in pods if labels(pod).get("version") == "stable")
        return sum(is_true(pod, "Ready") for pod in stable)

    def forget(self, names: Collection[str]) -> None:
        """Take runs away, and the pods they hit: kubelet restarts one later with every fault."""
        with suppress(ClusterError):
            self.kubectl.run("delete", "workflow", *names, f"--namespace={SERVICES_HOME}")
        until(lambda: not self.faulty(names), "nothing has a fault")
        chosen = (f"--namespace={SERVICES_HOME}", f"--selector={APP}={SERVICE}")
        self.kubectl.run("delete", "pods", *chosen)
        until(lambda: self.ready() == self.replicas, "the service is well again")

    @property
    def replicas(self) -> int:
        """Pods that the service has in the demo."""
        return 2


def stress(runs: Runs, duration: str) -> Callable[[Steps], None]:
    """A change by which a run burns a little of a processor instead."""
    schedule, name = STRESS
    known: list[Mapping[str, Any]] = runs.schedule(schedule)["spec"]["workflow"]["templates"]
    fault = next(each for each in known if each["name"] == name)["stressChaos"]

    def change(steps: Steps) -> None:
        last(duration)(steps)
        step = steps[FAULT]
        del step["podChaos"]
        step |= {"templateType": "StressChaos", "stressChaos": copy.deepcopy(fault)}
        step["stressChaos"]["stressors"]["cpu"]["load"] = 1

    return change


def last(duration: str) -> Callable[[Steps], None]:
    """A change by which the fault lasts so long."""

    def change(steps: Steps) -> None:
        steps[FAULT]["deadline"] = duration
        for name in ("watched-faults", "watch"):
            steps[name]["deadline"] = "10m"
        # It is the fault that is timed, not what the service makes of it.
        steps["watch"]["statusCheck"]["http"]["criteria"]["statusCode"] = "100-599"

    return change


def fail(steps: Steps) -> None:
    """A change by which the first answer to the watch is a bad one, and all others."""
    last("2m")(steps)
    steps["watch"]["statusCheck"]["http"]["criteria"]["statusCode"] = "418"
