"""`down` leaves nothing, whatever fails on the way."""

import pytest

from sandbox.cli import main
from sandbox.commands import down


@pytest.fixture
def stopped(monkeypatch):
    """Note what is stopped, instead of stopping it."""
    names = []
    monkeypatch.setattr(down, "stop_engines", lambda _folder: names.append("engines"))
    monkeypatch.setattr(down.Monitoring, "stop", lambda _self: names.append("monitoring"))
    monkeypatch.setattr(down.ControlPlane, "stop", lambda _self: names.append("control plane"))
    return names


EVERYTHING = ["engines", "monitoring", "control plane"]


@pytest.fixture
def run(tmp_path):
    return lambda: main(["--folder", str(tmp_path / "run"), "down"])


def test_everything_is_stopped(stopped, run, capsys):
    assert run() == 0
    assert stopped == EVERYTHING
    assert "nothing is left running" in capsys.readouterr().err


def test_also_when_something_cannot_be_stopped(stopped, run, monkeypatch, capsys):
    def fail(_self):
        raise OSError(5, "Input/output error", "/run/prometheus")

    monkeypatch.setattr(down.Monitoring, "stop", fail)
    assert run() == 1
    assert stopped == ["engines", "control plane"]
    assert "error: /run/prometheus: Input/output error" in capsys.readouterr().err
