"""Runs components as programs of their own, with the settings they take."""

from collections.abc import Callable, Iterator

import pulumi
import pytest

from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.gitops import GitOps
from settings.mesh import Mesh
from tests import recording
from tests.anomaly.fake_prometheus import FakePrometheus
from tests.recording import Graph


@pytest.fixture
def deploy() -> Callable[..., Graph]:
    """Run a program in an engine of its own and return what it registered."""
    return recording.deploy


class First(pulumi.ComponentResource):
    """Stands for what must be there before the component under test."""

    def __init__(self) -> None:
        super().__init__("test:index:First", "first", None, None)
        pulumi.CustomResource("test:index:Thing", "thing", {}, pulumi.ResourceOptions(parent=self))


@pytest.fixture
def after_first() -> Callable[[], pulumi.ResourceOptions]:
    """Options of a component that depends on another one; its child is `test:index:Thing`."""
    return lambda: pulumi.ResourceOptions(depends_on=[First()])


@pytest.fixture
def gitops() -> Callable[..., GitOps]:
    """The GitOps area, with some keys set."""
    required = {
        "repository": "https://git.example/brisa/infrastructure",
        "branch": "develop",
        "kustomizations": [{"name": "brisa-production", "path": "infra/gitops"}],
    }
    return lambda **keys: GitOps.model_validate(required | keys)


@pytest.fixture
def mesh() -> Callable[..., Mesh]:
    """The mesh area, with some keys set."""
    return lambda **keys: Mesh.model_validate(keys)


@pytest.fixture
def service() -> Callable[..., Service]:
    """A catalogue service, with some keys set."""
    required = {"name": "api-service", "namespace": "brisa", "port": 8080}
    return lambda **keys: Service.model_validate(required | keys)


@pytest.fixture
def chaos() -> Callable[..., Chaos]:
    """The chaos area, with some keys set."""
    return lambda **keys: Chaos.model_validate(keys)


@pytest.fixture
def anomaly() -> Callable[..., Anomaly]:
    """The detector's area, with some keys set."""
    required = {"prometheusUrl": "http://prometheus.monitoring:9090"}
    return lambda **keys: Anomaly.model_validate(required | keys)


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    """A Prometheus on loopback."""
    with FakePrometheus() as server:
        yield server
