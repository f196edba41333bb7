"""What is left of a node on this machine: nothing, however it ended."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.control_plane.plane import ControlPlane
from sandbox.folder import SandboxFolder
from sandbox.node.layout import NodeFolder
from sandbox.session import start_control_plane
from tests.live.conftest import LiveSandbox, eventually, run_live, start_live
from tests.live.machine import Machine
from tests.live.workloads import namespace, web

ROUNDS = int(os.environ.get("BRISA_LIVE_ROUNDS", "1"))
"""How often a node comes and goes in a test run; more by hand."""


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox; whatever happens, nothing of it stays."""
    folder = tmp_path_factory.mktemp("down") / "run"  # short: sockets have names below it
    yield folder
    ControlPlane(folder).stop()


def look(root: Path) -> Machine:
    return Machine.look(own=NodeFolder(root / "node").cgroup)


def processes_of(root: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(root) in line and str(os.getpid()) != file.parent.name:
            found.append(line)
    return found


def serve(sandbox: LiveSandbox) -> None:
    sandbox.apply(namespace("served"))
    sandbox.apply(*web("web", "served"))
    sandbox.wait("-n", "served", "--for=condition=Available", "deployment/web")


def test_nothing_is_left_after_down_however_often(root, live_toolchain):
    """Mounts, links, routes, sysctls, cgroups and processes are those of before."""
    before = look(root)
    for _ in range(ROUNDS):
        with run_live(root, live_toolchain) as sandbox:
            serve(sandbox)
            while_up = look(root)
        assert while_up.cgroups > before.cgroups
        assert (while_up.mounts, while_up.sysctls) == (before.mounts, before.sysctls)
        assert look(root) == before
        assert processes_of(root) == []
        assert not root.exists()


@pytest.mark.parametrize("name", ["supervisor", "node", "containerd"])
def test_nothing_is_left_when_something_was_killed_just_before(root, live_toolchain, name):
    """Whoever is killed takes along what depends on it, and `down` does the rest."""
    before = look(root)
    plane = start_control_plane(SandboxFolder(root), live_toolchain, node=True)
    sandbox = LiveSandbox(SandboxFolder(root), plane, live_toolchain)
    victims = {each: service.process for each, service in sandbox.services().items()}
    victims["supervisor"] = plane.group.state().supervisor
    victims[name].send(signal.SIGKILL)
    plane.stop()
    eventually(lambda: not processes_of(root), what="no process of it", seconds=10)
    assert look(root) == before


def test_a_running_control_plane_gets_a_node_and_keeps_what_it_stores(root, live_toolchain):
    """`up --node` after `up`."""
    folder = SandboxFolder(root)
    plane = start_control_plane(folder, live_toolchain)
    before = LiveSandbox(folder, plane, live_toolchain)
    before.kubectl("create", "configmap", "kept")
    assert not plane.has_node
    sandbox = start_live(root, live_toolchain)
    assert sandbox.plane.has_node
    assert sandbox.kubectl("get", "configmap", "kept", "-o", "name") == "configmap/kept\n"
    serve(sandbox)
