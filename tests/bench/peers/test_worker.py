"""The process that runs a peer, with adapters that stand in for real ones."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from bench.peers import scoring, worker
from bench.peers.catalogue import Peer
from bench.quality.series import Labelled

STAND_IN = Peer("stand-in", "stand_in", "none")
PYTHON = "python of the peers"


@pytest.fixture
def adapter(monkeypatch):
    def install(score):
        module = SimpleNamespace(score=score)
        monkeypatch.setitem(sys.modules, "bench.peers.adapters.stand_in", module)

    return install


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Run the worker here instead of in the peers' environment, which tests do without."""
    monkeypatch.setattr(
        scoring,
        "run_module",
        lambda _python, _module, arguments, seconds: worker.main(*arguments),
    )


def group(*lengths):
    return [
        Labelled(
            str(length),
            np.arange(length) * 60.0,
            np.random.default_rng(length).normal(size=length),
            np.zeros(length, dtype=bool),
        )
        for length in lengths
    ]


def test_every_series_gets_its_scores(adapter):
    adapter(lambda series: np.abs(series.readings))
    series = group(1000, 900)

    scores = scoring.score(PYTHON, STAND_IN, series, seconds=1)

    for each, score in zip(series, scores.of_series, strict=True):
        assert score.tolist() == np.abs(each.values).tolist()
    assert scores.cpu >= 0


def test_what_is_missing_has_no_score(adapter):
    adapter(lambda series: np.ones(len(series)))
    (series,) = group(1000)
    series.values[5] = np.nan

    (score,) = scoring.score(PYTHON, STAND_IN, [series], seconds=1).of_series

    assert np.flatnonzero(np.isnan(score)).tolist() == [5]


def test_a_peer_that_sees_the_future_is_refused(adapter):
    adapter(lambda series: series.readings - series.readings.mean())

    with pytest.raises(SystemExit, match="scores change with the points after them"):
        scoring.score(PYTHON, STAND_IN, group(1000), seconds=1)


def test_a_peer_is_told_the_usual_step(adapter):
    steps = []
    adapter(lambda series: steps.append(series.step) or np.zeros(len(series)))

    scoring.score(PYTHON, STAND_IN, group(800), seconds=1)

    assert set(steps) == {60}
