"""An API server that goes away in the middle: nothing is lost, nothing is doubled."""

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import run_sandbox
from tests.sandbox.engine.kubernetes.conftest import start

pytestmark = pytest.mark.cluster

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
RELEASE = "kubernetes:helm.sh/v3:Release"


@pytest.fixture(scope="module")
def breakable(tmp_path_factory, toolchain):
    """A control plane that these tests may break."""
    yield from run_sandbox(tmp_path_factory.mktemp("breakable") / "run", toolchain)


@pytest.fixture(scope="module")
def fragile(breakable):
    """A provider on that control plane."""
    yield from start(breakable)


@pytest.fixture(autouse=True)
def _ready(breakable):
    await_readiness(breakable)


def await_readiness(sandbox):
    sandbox.plane.group.wait_until_ready(None)


def api_server(sandbox):
    services = {service.name: service for service in sandbox.plane.group.state().services}
    return services["kube-apiserver"].process


def kill_api_server(sandbox):
    """Kill it, and return when the supervisor has noticed."""
    victim = api_server(sandbox)
    os.kill(victim.pid, signal.SIGKILL)
    while api_server(sandbox) == victim:
        time.sleep(0.05)


def config_map(number, namespace, **metadata):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"many-{number}", "namespace": namespace} | metadata,
        "data": {"number": str(number)},
    }


def names(sandbox, namespace):
    await_readiness(sandbox)
    shown = json.loads(sandbox.kubectl("-n", namespace, "get", "configmaps", "-o", "json"))
    return {item["metadata"]["name"] for item in shown["items"]} - {"kube-root-ca.crt"}


def test_creates_updates_and_deletes(fragile, breakable):
    under_way = threading.Event()

    def live_through(number):
        identifier, state = fragile.create(CONFIG_MAP, config_map(number, "default"))
        if number == 5:
            under_way.set()
        labelled = config_map(number, "default", labels={"updated": "yes"})
        state = fragile.update(CONFIG_MAP, identifier, state, labelled)
        assert state["metadata"]["labels"] == {"updated": "yes"}
        if number % 2:
            fragile.delete(CONFIG_MAP, identifier, state)

    def interrupt():
        under_way.wait()
        kill_api_server(breakable)

    with ThreadPoolExecutor(8) as pool:
        interruption = pool.submit(interrupt)
        list(pool.map(live_through, range(60)))
        interruption.result()
    assert names(breakable, "default") == {f"many-{n}" for n in range(0, 60, 2)}


class TestReleases:
    OBJECTS = 300

    @pytest.fixture
    def inputs(self, fragile, tmp_path):
        """A release that takes a while to install."""
        chart = tmp_path / "chart"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: slow\nversion: 1.0.0\n")
        objects = [json.dumps(config_map(n, "releases")) for n in range(self.OBJECTS)]
        (chart / "templates" / "all.yaml").write_text("\n---\n".join(objects))
        release = {"chart": str(chart), "name": "slow", "namespace": "releases"}
        return fragile.check(RELEASE, release | {"createNamespace": True})

    def test_one_in_the_middle_of_being_installed(self, fragile, breakable, inputs):
        def interrupt():
            breakable.kubectl("create", "namespace", "releases")
            breakable.kubectl("-n", "releases", "wait", "--for=create", "configmap/many-3")
            kill_api_server(breakable)

        with ThreadPoolExecutor(1) as pool:
            interruption = pool.submit(interrupt)
            identifier, state = fragile.create(RELEASE, inputs)
            interruption.result()
        assert state["status"]["status"] == "deployed"
        assert len(names(breakable, "releases")) == self.OBJECTS
        fragile.delete(RELEASE, identifier, state)

    def test_one_about_to_be_installed(self, fragile, breakable, inputs):
        kill_api_server(breakable)
        _, state = fragile.create(RELEASE, inputs)
        assert state["status"]["revision"] == 1
