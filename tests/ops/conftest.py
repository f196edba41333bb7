"""The command line as people run it, a cluster with the platform's kinds, objects made by hand."""

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ops.cli import main
from ops.cluster import Cluster, connect
from tests.ops.rules_server import RulesServer

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """The JSON that it printed."""
        return json.loads(self.out)


@pytest.fixture
def command(capsys, monkeypatch):
    """Run the command line, without what the user's environment says."""
    for variable in ("KUBECONFIG", "PROMETHEUS_URL", "ALERTMANAGER_URL", "PROMETHEUS_TOKEN_FILE"):
        monkeypatch.delenv(variable, raising=False)

    def run(*arguments, kubeconfig=None) -> Answer:
        if kubeconfig is not None:
            monkeypatch.setenv("KUBECONFIG", os.fspath(kubeconfig))
        capsys.readouterr()
        code = main(arguments)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture
def rules() -> Iterator[RulesServer]:
    with RulesServer() as server:
        yield server


@pytest.fixture(scope="session")
def cluster(platform) -> Iterator[Cluster]:
    """A cluster that serves every kind of the platform, as the library sees it."""
    connected = connect(os.fspath(platform.kubeconfig))
    yield connected
    connected.close()


@pytest.fixture
def ops(command, platform):
    """Run a command on the cluster."""
    return lambda *arguments: command(*arguments, kubeconfig=platform.kubeconfig)


@pytest.fixture
def space(platform) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"test-{next(_NUMBERS)}"
    platform.kubectl("create", "namespace", name)
    yield name
    platform.kubectl("delete", "namespace", name, "--wait=false")


def made(kind, name="it", namespace="shop", *, api_version="v1", age=timedelta(hours=1), **parts):
    """An object as the API server sends it."""
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-{name}",
        "generation": 1,
        "creationTimestamp": (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **parts.pop("metadata", {}),
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def ready(status="True", reason="ReconciliationSucceeded", message="", *, generation=1, age=0):
    """A Ready condition."""
    since = NOW - timedelta(minutes=age)
    return {
        "type": "Ready",
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
        "lastTransitionTime": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
