"""Noticing that the engine is gone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from sandbox.engine.language_host import engine_watch


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(engine_watch, "INTERVAL_SECONDS", 0.05)


def test_an_engine_without_health_service_is_alive_until_it_stops():
    engine = grpc.server(ThreadPoolExecutor(max_workers=1))
    port = engine.add_insecure_port("127.0.0.1:0")
    engine.start()
    gone = threading.Event()
    engine_watch.watch(f"127.0.0.1:{port}", gone.set)

    assert not gone.wait(0.5)
    engine.stop(None)
    assert gone.wait(30)
