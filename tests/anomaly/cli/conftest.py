import json

import numpy as np
import pytest

from anomaly.cli import main

START = 1_767_225_600
"""2026-01-01, a Thursday."""

STEP = 300
PLACES = (900, 1300, 1700)
"""Where incidents of half an hour begin; so many steps after the start."""


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    """Run the command line in an empty folder; its code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROMETHEUS_URL", raising=False)

    def run(*arguments):
        code = main([str(each) for each in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def on_files(cli, tmp_path):
    """The same with a method of which anybody can say beforehand what it finds."""
    config = tmp_path / "method.json"
    config.write_text(json.dumps({"detector": {"method": "moving_average"}}))
    return lambda *arguments: cli(*arguments, "--config", config)


def recorded(length=2016, places=PLACES, seed=1):
    """A week of calm with incidents that nobody could overlook; times, values and labels."""
    times = START + np.arange(length) * float(STEP)
    values = np.random.default_rng(seed).normal(100, 2, length)
    labels = np.zeros(length, dtype=np.int8)
    for place in places:
        labels[place : place + 6] = 1
    return times, np.where(labels, 400.0, values), labels


@pytest.fixture
def labelled(tmp_path):
    """A file of two labelled series, one of them without incidents."""
    path = tmp_path / "labelled.npz"
    arrays = {}
    for name, places in (("cart", PLACES), ("web", ())):
        for key, array in zip("tvl", recorded(places=places, seed=len(name)), strict=True):
            arrays[f"{name}|{key}"] = array
    np.savez(path, **arrays)
    return path


@pytest.fixture
def unlabelled(tmp_path):
    """A file of one series that nobody labelled."""
    path = tmp_path / "series.csv"
    times, values, _ = recorded()
    rows = (f"{time},{value}" for time, value in zip(times, values, strict=True))
    path.write_text("timestamp,latency\n" + "\n".join(rows))
    return path


@pytest.fixture
def faults(tmp_path):
    """A list of faults that hit the unlabelled series, or one of the labelled ones."""

    def write(*places, series="latency", **keys):
        path = tmp_path / "faults.json"
        listed = [
            {
                "name": f"delay-{place}",
                "type": "network-delay",
                "start": START + place * STEP,
                "end": START + (place + 6) * STEP,
                "labels": {"series": series},
                **keys,
            }
            for place in places
        ]
        path.write_text(json.dumps(listed))
        return path

    return write


@pytest.fixture
def watching(cli, prometheus, monkeypatch, tmp_path):
    """Run the command line with one signal configured, on a Prometheus that can be told."""
    config = tmp_path / "anomaly.json"
    signals = [{"name": "traffic", "query": "sum(rate(x[5m]))"}]
    config.write_text(
        json.dumps({"signals": signals, "lookback_seconds": 7200, "step_seconds": 60})
    )
    monkeypatch.setenv("PROMETHEUS_URL", prometheus.url)
    return lambda *arguments: cli(*arguments, "--config", config)
