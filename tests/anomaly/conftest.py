from collections.abc import Iterator

import pytest

from anomaly import prometheus as reader
from tests.anomaly.fake_prometheus import FakePrometheus


@pytest.fixture
def prometheus(monkeypatch) -> Iterator[FakePrometheus]:
    """A Prometheus on loopback, with nobody waiting between attempts."""
    monkeypatch.setattr(reader, "PAUSE_SECONDS", 0.0)
    with FakePrometheus() as server:
        yield server
