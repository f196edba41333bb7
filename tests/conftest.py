"""Fixtures for everybody: a real control plane of the test run's own, and an engine on it.

Both live below pytest's temporary folder, have their own ports and end with the test run, even
when it is killed: the supervisor watches its owner.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
from xdist.scheduler import LoadScopeScheduling

from sandbox import session
from sandbox.charts import stage_charts
from sandbox.console import MESSAGES
from sandbox.control_plane.plane import ControlPlane
from sandbox.engine.workspace import Workspace
from sandbox.folder import CHARTS, SandboxFolder
from sandbox.monitoring import Monitoring
from sandbox.monitoring.monitoring import Programs
from sandbox.session import STACK, open_workspace, start_control_plane
from sandbox.supervision.identity import ProcessIdentity
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import MONITORING
from sandbox.toolchain.toolchain import kubectl
from tests.installed import apply_stack, install
from tests.live.order import BesideThePlatform
from tests.monitoring.history import History, record
from tests.monitoring.stack import stack
from tests.scopes import BesideWhatTheyShare

# How long an example takes says how busy the machine is, and nothing of what it proves.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no worker is left alone with it."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("cluster", "engine"))))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """How tests are handed out: the live ones by nodes, with `loadscope` by what they share."""
    if config.getoption("markexpr") == "live":
        return BesideThePlatform(config, log)
    return BesideWhatTheyShare(config, log) if config.getoption("dist") == "loadscope" else None


DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""Asks for all kinds at once."""


@dataclass(frozen=True)
class RunningSandbox:
    """A control plane that is up."""

    folder: SandboxFolder
    plane: ControlPlane
    toolchain: Toolchain

    @property
    def kubeconfig(self) -> Path:
        return self.plane.kubeconfig

    @cached_property
    def url(self) -> str:
        state = self.plane.group.state()
        return next(s.endpoint for s in state.services if s.name == "kube-apiserver")

    @cached_property
    def client(self) -> requests.Session:
        """An administrator's HTTP session; paths are appended to `url`."""
        session = requests.Session()
        session.trust_env = False
        pki = self.plane.folder.pki
        session.verify = str(pki / "kubernetes-ca.crt")
        session.cert = (str(pki / "sandbox-admin.crt"), str(pki / "sandbox-admin.key"))
        return session

    def get(self, path: str) -> dict[str, Any]:
        answer = self.client.get(f"{self.url}{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        return subprocess.run(
            [kubectl(), *arguments],
            env={**os.environ, "KUBECONFIG": str(self.kubeconfig)},
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def wait_for_definitions(self) -> None:
        """Until the kinds of every custom resource definition are served.

        That a definition is established says nothing of an API server that has started anew since.
        """
        deadline = time.monotonic() + 60
        while waiting := self._unserved():
            assert time.monotonic() < deadline, f"not served after a minute: {waiting}"
            time.sleep(0.2)

    def _unserved(self) -> set[str]:
        definitions = self.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
        answer = self.client.get(f"{self.url}/apis", headers={"Accept": DISCOVERY}, timeout=30)
        served = {
            f"{resource['resource']}.{group['metadata']['name']}"
            for group in answer.json()["items"]
            for version in group["versions"]
            for resource in version.get("resources", ())
        }
        return {each["metadata"]["name"] for each in definitions} - served


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Every tool, built when it is missing, and the charts staged where the stack wants them."""
    tools = Toolchain.ensure(MESSAGES)
    stage_charts(CHARTS, tools.go)
    return tools


@pytest.fixture(scope="session")
def sandbox(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> Iterator[RunningSandbox]:
    """One control plane for the whole test run."""
    yield from run_sandbox(tmp_path_factory.mktemp("sandbox") / "run", toolchain)


@pytest.fixture(scope="session")
def equipped(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Path]:
    """The folder of a sandbox that serves every kind of the platform, and was stopped then."""
    for running in run_sandbox(tmp_path_factory.mktemp("equipped") / "run", toolchain):
        install(running, toolchain)
        running.plane.group.stop()
        yield running.folder.root


@pytest.fixture(scope="session")
def platform(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, equipped: Path
) -> Iterator[RunningSandbox]:
    """A cluster that serves every kind of the platform; no controller of theirs runs."""
    for running in run_copy(equipped, tmp_path_factory.mktemp("platform") / "run", toolchain):
        running.kubectl("create", "namespace", "flux-system")
        yield running


@pytest.fixture(scope="module")
def prod(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, equipped: Path
) -> Iterator[RunningSandbox]:
    """A cluster with the objects of the stack `prod`; no controller of theirs runs."""
    for running in run_copy(equipped, tmp_path_factory.mktemp("prod") / "run", toolchain):
        apply_stack(running, "prod")
        yield running


@pytest.fixture
def own_sandbox(tmp_path: Path, toolchain: Toolchain) -> Iterator[RunningSandbox]:
    """A control plane for one test alone, which may break it."""
    yield from run_sandbox(tmp_path / "run", toolchain)


@pytest.fixture(scope="session")
def monitoring_programs() -> Programs:
    """Prometheus, Alertmanager and promtool, built when they are missing."""
    return session.monitoring_programs(Toolchain.ensure(MESSAGES, MONITORING))


@pytest.fixture
def monitoring(
    tmp_path: Path, monitoring_programs: Programs
) -> Iterator[Callable[..., Monitoring]]:
    """Start a Prometheus, which holds the recordings given, and an Alertmanager of the test's own.

    Both are empty again for the next test.
    """
    with ExitStack() as running:
        yield lambda *recordings: running.enter_context(
            run_monitoring(tmp_path / "monitoring", monitoring_programs, *recordings)
        )


@pytest.fixture(scope="session")
def workspace(sandbox: RunningSandbox) -> Workspace:
    """An engine workspace on the shared control plane, with a backend of its own."""
    return open_workspace(sandbox.folder, sandbox.toolchain)


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Path]:
    """The folder of a sandbox that has been stopped after its stack had come up."""
    for running in run_sandbox(tmp_path_factory.mktemp("standing") / "run", toolchain):
        engine = open_workspace(running.folder, toolchain)
        engine.ensure_stack(STACK)
        up = ("up", "--yes", "--skip-preview", "--stack", STACK)
        subprocess.run(
            [engine.folder / "bin" / "pulumi", *up],
            cwd=engine.project.folder,
            # Nobody kills it here: the state is written at its end, not after each object.
            env=engine.environment() | {"PULUMI_SKIP_CHECKPOINTS": "true"},
            check=True,
        )
        running.plane.group.stop()
        yield running.folder.root.rename(running.folder.root.with_name("saved"))


@dataclass(frozen=True)
class Standing:
    """The whole stack, up, and the engine that brought it up."""

    cluster: RunningSandbox
    engine: Workspace


@pytest.fixture(scope="module")
def standing(toolchain: Toolchain, brought_up: Path) -> Iterator[Standing]:
    """A stack that is up, for one file; it comes up but once in a test run, and is then copied.

    To where it was: the engine remembers the place of the kubeconfig.
    """
    for running in run_copy(brought_up, brought_up.with_name("run"), toolchain):
        yield Standing(running, open_workspace(running.folder, toolchain))


@contextmanager
def run_monitoring(root: Path, programs: Programs, *recordings: Path) -> Iterator[Monitoring]:
    started = Monitoring(root)
    try:
        owner = ProcessIdentity.of(os.getpid())
        started.start(programs, recordings=recordings, owner=owner)
        yield started
    finally:
        started.stop()


def run_sandbox(root: Path, toolchain: Toolchain) -> Iterator[RunningSandbox]:
    folder = SandboxFolder(root)
    owner = ProcessIdentity.of(os.getpid())
    try:
        plane = start_control_plane(folder, toolchain, owner=owner)
        yield RunningSandbox(folder, plane, toolchain)
    finally:
        ControlPlane(root).stop()


def run_copy(stopped: Path, root: Path, toolchain: Toolchain) -> Iterator[RunningSandbox]:
    """A sandbox that has what another had when it was stopped; the engine's tools are put anew."""
    shutil.copytree(stopped, root, ignore=shutil.ignore_patterns("bin", "home", "tools"))
    for running in run_sandbox(root, toolchain):
        running.wait_for_definitions()
        yield running


@pytest.fixture(scope="session")
def history(
    tmp_path_factory: pytest.TempPathFactory, monitoring_programs: Programs
) -> Iterator[History]:
    """A Prometheus with eight recorded hours of the stack `prod`, and what our rules record."""
    recorded = record(stack(), monitoring_programs, tmp_path_factory.mktemp("history"))
    try:
        yield History(recorded.prometheus_url)
    finally:
        recorded.stop()
