"""Every process of the node may be killed: it comes back, and pods and traffic with it."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.supervision.identity import ProcessIdentity
from tests.live.conftest import LiveSandbox, eventually, run_live, start_live
from tests.live.workloads import namespace, web

HOME = "live-recovery"


@pytest.fixture(scope="module")
def served(tmp_path_factory, live_toolchain) -> Iterator[LiveSandbox]:
    """A sandbox of the module's own, which serves a web page."""
    with run_live(tmp_path_factory.mktemp("recovery") / "run", live_toolchain) as sandbox:
        sandbox.apply(namespace(HOME))
        sandbox.apply(*web("web", HOME))
        sandbox.wait("-n", HOME, "--for=condition=Available", "deployment/web")
        yield sandbox


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def first_process(sandbox: LiveSandbox) -> ProcessIdentity:
    (child,) = children(sandbox.services()["node"].process.pid)
    return ProcessIdentity.of(child)


def inner_supervisor(sandbox: LiveSandbox) -> ProcessIdentity:
    first = first_process(sandbox)
    return next(
        ProcessIdentity.of(child)
        for child in children(first.pid)
        if b"sandbox.node" in Path(f"/proc/{child}/cmdline").read_bytes()
    )


def kill(process: ProcessIdentity) -> None:
    process.send(signal.SIGKILL)
    assert process.wait(10)


def answers(sandbox: LiveSandbox) -> bool:
    """Whether the web server answers through the API server, the node and the Service."""
    path = f"/api/v1/namespaces/{HOME}/services/web:80/proxy/ready"
    return sandbox.try_kubectl("get", "--raw", path) is not None


def assert_well(sandbox: LiveSandbox) -> None:
    eventually(sandbox.all_ready, what="every process ready")
    eventually(lambda: answers(sandbox), what="the web server answers")


@pytest.mark.parametrize(
    "name",
    [
        "node",
        "containerd",
        "kubelet",
        "kube-proxy",
        "kube-scheduler",
        "network-policies",
        "kube-apiserver",
    ],
)
def test_what_is_killed_comes_back(served, name):
    """Killed without warning, each in turn."""
    assert_well(served)
    before = served.services()[name].process
    kill(before)
    eventually(
        lambda: served.services().get(name) and served.services()[name].process != before,
        what=f"{name} started again",
    )
    assert_well(served)


@pytest.mark.parametrize("find", [first_process, inner_supervisor])
def test_the_processes_that_hold_the_others_come_back_too(served, find):
    """With them everything in the node ends, and is started again."""
    assert_well(served)
    kubelet = served.services()["kubelet"].process
    kill(find(served))
    eventually(lambda: not kubelet.alive, what="kubelet ended with it")
    eventually(lambda: "kubelet" in served.services(), what="the node started again")
    assert_well(served)


def test_new_pods_start_after_all_that(served):
    """The scheduler, kubelet and containerd work together, not only side by side."""
    served.kubectl("-n", HOME, "scale", "deployment/web", "--replicas=2")
    served.wait("-n", HOME, "--for=jsonpath={.status.readyReplicas}=2", "deployment/web")


def test_when_the_supervisor_is_killed_the_next_start_recovers(served):
    """Nothing outlives it, and what the API server stored is still there."""
    state = served.plane.group.state()
    everything = [s.process for s in served.services().values() if s.process]
    kill(state.supervisor)
    eventually(lambda: not any(p.alive for p in everything), what="everything ended with it")
    again = start_live(served.folder.root, served.toolchain)
    assert_well(again)
    deployment = json.loads(again.kubectl("-n", HOME, "get", "deployment/web", "-o", "json"))
    assert deployment["spec"]["replicas"] == 2
