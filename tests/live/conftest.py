"""A sandbox with a real node, without the engine; skipped only for what this machine cannot do."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sandbox.console import MESSAGES
from sandbox.control_plane.forward import FORWARDED
from sandbox.control_plane.plane import ControlPlane
from sandbox.folder import SandboxFolder
from sandbox.images.catalogue import DEMO_IMAGES, NODE_IMAGES
from sandbox.node import processes
from sandbox.node.preflight import NODE as NODE_FEATURE
from sandbox.node.preflight import Preflight, examine
from sandbox.session import equip_node, node_tools, start_control_plane
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import Phase, ServiceState
from sandbox.toolchain import Toolchain
from tests.conftest import RunningSandbox
from tests.live.order import turn
from tests.live.platform import STANDING_VARIABLE, Platform

_PATIENCE_SECONDS = 120.0
PYTHON = next(image for image in DEMO_IMAGES if image.name == "python")
"""What the pods of these tests run."""
IMAGES_USED = (*NODE_IMAGES, PYTHON)

Answer = TypeVar("Answer")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs what `live` promises."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: turn(item.path.name) if item.path.parent == here else 0)


def eventually(
    look: Callable[[], Answer],
    *,
    what: str,
    seconds: float = _PATIENCE_SECONDS,
    pause: float = 0.25,
) -> Answer:
    """The first answer that is true; fails with the last one when time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}; last: {answer!r}"
        time.sleep(pause)
    return answer


@dataclass(frozen=True)
class LiveSandbox(RunningSandbox):
    """A control plane with a node that is ready."""

    def services(self) -> dict[str, ServiceState]:
        """Every process of control plane and node."""
        outside = self.plane.group.services()
        return {s.name: s for s in [*outside, *processes.services(self.plane.folder.node)]}

    def all_ready(self) -> bool:
        """Whether all run but what forwards ports of the monitoring, which is not there."""
        optional = {target.name for target in FORWARDED}
        services = {name: s for name, s in self.services().items() if name not in optional}
        return "kubelet" in services and all(s.phase is Phase.READY for s in services.values())

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "--server-side", "-f", "-", stdin=_list(objects))

    def wait(self, *arguments: str, seconds: int = int(_PATIENCE_SECONDS)) -> None:
        self.kubectl("wait", f"--timeout={seconds}s", *arguments)

    def try_kubectl(self, *arguments: str) -> str | None:
        """What kubectl prints, None while it fails."""
        try:
            return self.kubectl(*arguments)
        except subprocess.CalledProcessError:
            return None


def _list(objects: tuple[dict[str, Any], ...]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


@pytest.fixture(scope="session")
def preflight(tmp_path_factory: pytest.TempPathFactory) -> Preflight:
    return examine(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def live_toolchain(preflight: Preflight) -> Toolchain:
    if reason := preflight.reason(NODE_FEATURE):
        pytest.skip(reason)
    return Toolchain.ensure(MESSAGES, node_tools(IMAGES_USED))


@pytest.fixture(scope="session")
def live(
    tmp_path_factory: pytest.TempPathFactory, live_toolchain: Toolchain
) -> Iterator[LiveSandbox]:
    """One sandbox with a node for the whole test run; tests use namespaces of their own."""
    with run_live(tmp_path_factory.mktemp("live") / "run", live_toolchain) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, preflight: Preflight) -> Iterator[Platform]:
    """The whole stack in a node, as `make live` brings it up."""
    if standing := os.environ.get(STANDING_VARIABLE):
        yield Platform(SandboxFolder(Path(standing)))
        return
    if reason := preflight.reason(NODE_FEATURE):
        pytest.skip(reason)
    folder = SandboxFolder(tmp_path_factory.mktemp("platform") / "run")
    whole = Platform(folder)
    try:
        done = whole.sandbox("up", "--node")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        yield whole
    finally:
        ControlPlane(folder.root).stop()


@pytest.fixture
def own_live(
    tmp_path_factory: pytest.TempPathFactory, live_toolchain: Toolchain
) -> Iterator[LiveSandbox]:
    """A sandbox with a node for one test alone, which may break it."""
    with run_live(tmp_path_factory.mktemp("own") / "run", live_toolchain) as sandbox:
        yield sandbox


@contextmanager
def run_live(root: Path, toolchain: Toolchain) -> Iterator[LiveSandbox]:
    try:
        yield start_live(root, toolchain)
    finally:
        ControlPlane(root).stop()


def start_live(root: Path, toolchain: Toolchain) -> LiveSandbox:
    folder = SandboxFolder(root)
    owner = ProcessIdentity.of(os.getpid())
    plane = start_control_plane(folder, toolchain, node=True, owner=owner)
    equip_node(plane, toolchain, IMAGES_USED, on_step=MESSAGES.print)
    return LiveSandbox(folder, plane, toolchain)
