"""Experiments through Chaos Mesh' own controllers, as the stack declares them, only sooner.

The window of the sandbox's node is always open.
"""

import copy
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from components.faults import experiment
from ops.chaos.mesh_fault import MeshFault, start
from ops.cluster import connect
from sandbox.errors import ClusterError
from settings.catalogue import Service
from settings.faults import AnyFault
from tests.live.conftest import eventually

EVERY_MINUTE = "CRON_TZ=UTC 0-59 0-23 * * *"
API, BOOKING = "api-service", "booking-service"
HOME = "brisa-sandbox"


@pytest.fixture
def scheduled(platform):
    """Add a Schedule made from one of the stack's; it is gone after the test."""
    made = []

    def add(template, name, change):
        found = platform.get("schedule", template)
        schedule = {
            "apiVersion": found["apiVersion"],
            "kind": found["kind"],
            "metadata": {
                "name": name,
                "namespace": found["metadata"]["namespace"],
                "labels": found["metadata"]["labels"],
                "annotations": {
                    key: text
                    for key, text in found["metadata"]["annotations"].items()
                    if key.startswith("platform.brisa/")
                },
            },
            "spec": copy.deepcopy(found["spec"]),
        }
        schedule["spec"]["schedule"] = EVERY_MINUTE
        change(schedule["spec"])
        platform.kubectl("create", "--filename=-", stdin=json.dumps(schedule))
        made.append(name)

    yield add
    for name in made:
        platform.kubectl("delete", "schedule", name, f"--namespace={HOME}", "--timeout=90s")


def steps(spec):
    """The templates of a Schedule's workflow, by name."""
    return {each["name"]: each for each in spec["workflow"]["templates"]}


@pytest.fixture
def run_of(platform):
    """The run that a Schedule has started; it starts no other."""

    def find(name):
        selector = f"--selector=managed-by={name}"
        (run,) = eventually(
            lambda: platform.objects("workflows", HOME, selector), what=f"{name} fires"
        )
        pause = "experiment.chaos-mesh.org/pause=true"
        platform.kubectl("annotate", "schedule", name, f"--namespace={HOME}", pause)
        return run["metadata"]["name"]

    return find


def is_over(platform, run):
    found = platform.get("workflow", run).get("status", {}).get("conditions", ())
    return any(c["type"] == "Accomplished" and c["status"] == "True" for c in found)


def nodes_of(platform, run):
    found = platform.objects("workflownodes", HOME, f"--selector=chaos-mesh.org/workflow={run}")
    return {node["spec"]["templateName"]: node for node in found}


def events_of(platform, run):
    """What happened to the experiments of a run: reason and message, by step."""
    told = {}
    for step, node in nodes_of(platform, run).items():
        for event in platform.objects("events", HOME):
            about = event["involvedObject"]
            if about["name"].rpartition("-")[0] == node["metadata"]["name"]:
                told.setdefault(step, []).append((event.get("reason"), event.get("message")))
    return told


def moment(text):
    return datetime.fromisoformat(text)


def test_a_schedule_fires_and_kills_a_pod_which_returns(platform, scheduled):
    """One of two, while the service goes on answering."""
    before = platform.pods(API)
    assert len(before) == 2

    def kill(spec):
        fault = steps(spec)["api-pod-failure"]["podChaos"]
        fault["action"] = "pod-kill"
        fault["selector"]["labelSelectors"]["version"] = "stable"
        del fault["containerNames"]

    scheduled("api-pod-failure", "live-pod-kill", kill)
    eventually(lambda: set(before) - set(platform.pods(API)), what="a pod is killed")
    eventually(lambda: len(platform.pods(API)) == 2, what="another one takes its place")
    assert platform.pods(API) != before


def test_a_run_whose_watch_fails_is_stopped_in_time_and_undone(platform, scheduled, run_of):
    """Fifteen seconds to the abort, thirty until no pod has the fault any more."""

    def fail(spec):
        watch = steps(spec)["watch"]["statusCheck"]
        watch["http"]["criteria"]["statusCode"] = "418"  # so every answer is a bad one

    scheduled("api-pod-failure", "live-abort", fail)
    run = run_of("live-abort")
    eventually(lambda: "watch" in nodes_of(platform, run), what="the fault is under watch")
    begun = moment(nodes_of(platform, run)["watch"]["spec"]["startTime"])
    abort = "workflow.chaos-mesh.org/abort"
    eventually(
        lambda: platform.get("workflow", run)["metadata"].get("annotations", {}).get(abort),
        what="the run is aborted",
    )
    assert datetime.now(UTC) - begun < timedelta(seconds=15)
    eventually(
        lambda: "Recovered" in dict(events_of(platform, run).get("api-pod-failure", ())),
        what="the fault is undone",
    )
    assert datetime.now(UTC) - begun < timedelta(seconds=30)
    eventually(lambda: len(platform.pods(API)) == 2, what="both pods are well again")


def test_while_all_are_stopped_new_experiments_are_refused(platform, scheduled):
    """By the API server, so Flux and kubectl too."""
    stop = ("configmap", "brisa-chaos-stop", "--namespace=chaos-mesh")
    said = ("--from-literal=by=a test", "--from-literal=reason=incident 42")
    platform.kubectl("create", *stop, *said)
    try:
        with pytest.raises(ClusterError, match="stopped by a test: incident 42"):
            eventually(
                lambda: scheduled("api-pod-failure", "live-refused", lambda _: None) and False,
                what="the API server sees the stop",
                seconds=30,
            )
    finally:
        platform.kubectl("delete", *stop)


@pytest.mark.parametrize("kind", ["delay", "abort"])
def test_a_fault_of_the_mesh_hits_one_caller_and_ends_by_itself(platform, kind):
    """Half the requests, as the caller's own proxy makes it so."""
    cluster = connect(str(platform.kubeconfig))
    late = timedelta(seconds=1)
    what = {"delay": late, "status": None} if kind == "delay" else {"delay": None, "status": 418}
    lasts = timedelta(seconds=20)
    fault = MeshFault(caller=API, service=BOOKING, percent=50, duration=lasts, **what)

    def hit(caller, service):
        url = f"http://{service}.{HOME}.svc.cluster.local:8080/"
        began = datetime.now(UTC)
        answers = platform.ask(caller, url, 10)
        if kind == "abort":
            return sum(answer.status == 418 for answer in answers)
        return (datetime.now(UTC) - began) // late

    start(cluster, fault, namespace=HOME, reason="a test", dry_run=False)
    eventually(lambda: hit(API, BOOKING) >= 2, what="requests are hit", seconds=15)
    eventually(lambda: not platform.objects("envoyfilters"), what="it ends", seconds=40)
    eventually(lambda: not hit(API, BOOKING), what="no request is hit any more", seconds=60)


NEEDS = {
    "network-delay": "netem",
    "network-loss": "netem",
    "network-duplicate": "netem",
    "network-corrupt": "netem",
    "network-bandwidth": "tbf",
    "network-partition": "ipset",
    "clock-skew": "ptrace",
}
"""What of the node's kernel a fault needs."""


def every_fault(platform):
    """A step of each kind on services of the demo, as the stack would spell it.

    But those of volumes: what does them is no Go program, so the sandbox's daemon has none, and
    what it began without one only `unstick --force` ends.
    """
    catalogue = {
        name: Service(name=name, namespace=HOME, port=8080, callers=callers, chaos=True)
        for name, callers in ((API, ("web",)), (BOOKING, (API,)))
    }
    written = {
        "podFailure": {},
        "containerKill": {},
        "cpuStress": {"loadPercent": 20},
        "memoryStress": {"size": "16MB"},
        "networkDelay": {},
        "networkLoss": {},
        "networkDuplicate": {},
        "networkCorrupt": {"percent": 1},
        "networkBandwidth": {},
        "networkPartition": {"peer": BOOKING, "duration": "2s"},
        "clockSkew": {},
    }
    for kind, keys in written.items():
        name = re.sub("([A-Z])", r"-\1", kind).lower()
        what = {"kind": kind, "name": name, "target": API, "duration": "6s"} | keys
        fault = TypeAdapter(AnyFault).validate_python(what)
        made = experiment(fault, catalogue)
        yield {
            "name": name,
            "templateType": made.kind,
            "deadline": what["duration"],
            made.key: made.spec,
        }


def test_every_kind_of_fault_is_injected_or_the_kernel_cannot(platform, scheduled, run_of):
    faults = list(every_fault(platform))

    def replace(spec):
        known = steps(spec)
        known["faults"]["children"] = [each["name"] for each in faults]
        for name in ("faults", "watched-faults", "watch", "entry"):
            known[name]["deadline"] = "10m"
        # This is about the faults, not about what the service makes of them.
        known["watch"]["statusCheck"]["http"]["criteria"]["statusCode"] = "100-599"
        kept = [each for name, each in known.items() if name != "api-pod-failure"]
        spec["workflow"]["templates"] = [*kept, *faults]

    scheduled("api-pod-failure", "live-faults", replace)
    run = run_of("live-faults")
    eventually(
        lambda: is_over(platform, run) or faults[-1]["name"] in events_of(platform, run),
        what="the last fault has been tried",
        seconds=420,
        pause=5,
    )
    told = events_of(platform, run)
    missing = {
        each["name"]: told.get(each["name"])
        for each in faults
        if "Applied" not in {reason for reason, _ in told.get(each["name"], ())}
    }
    assert missing.keys() <= NEEDS.keys(), missing
    if missing:
        names = ", ".join(f"{name} ({NEEDS[name]})" for name in missing)
        pytest.skip(f"all others are injected; the kernel lacks what these need: {names}")


def test_a_workflow_runs_its_steps_between_its_health_checks(platform, scheduled, run_of):
    """Steady before, faults one after the other while it is watched, well again afterwards."""
    kernel_does = {"pod-failure": "10s", "cpu-stress": "10s"}

    def shorten(spec):
        templates = steps(spec)
        templates["faults"]["children"] = list(kernel_does)
        for name, span in kernel_does.items():
            templates[name]["deadline"] = span
        for name in ("faults", "watched-faults", "watch"):
            templates[name]["deadline"] = "40s"
        templates["watch"]["statusCheck"]["duration"] = "35s"
        left_out = {"network-delay"}
        spec["workflow"]["templates"] = [
            each for name, each in templates.items() if name not in left_out
        ]

    scheduled("api-resilience", "live-resilience", shorten)
    name = run_of("live-resilience")
    eventually(lambda: is_over(platform, name), what="the workflow ends", seconds=240)
    nodes = nodes_of(platform, name).values()
    begun = {node["spec"]["templateName"]: node["spec"]["startTime"] for node in nodes}
    assert begun.keys() >= {"steady-state", "pod-failure", "cpu-stress", "health-validation"}
    order = sorted(kernel_does.keys() | {"steady-state", "health-validation"}, key=begun.get)
    assert order == ["steady-state", "pod-failure", "cpu-stress", "health-validation"]
