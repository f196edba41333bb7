from collections.abc import Iterator

import pytest

from anomaly.transport import client
from tests.anomaly.fake_prometheus import FakePrometheus
from tests.anomaly.fake_server import FakeServer


@pytest.fixture(autouse=True)
def pauses(monkeypatch) -> list[float]:
    """Nobody waits between attempts; how long they would have."""
    slept: list[float] = []
    monkeypatch.setattr(client, "sleep", slept.append)
    return slept


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    """A Prometheus on loopback."""
    with FakePrometheus() as server:
        yield server


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Any other server on loopback."""
    with FakeServer() as running:
        yield running
