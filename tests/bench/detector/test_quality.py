"""Which methods are graded on which series."""

import numpy as np
import pytest

from bench.detector import quality
from bench.detector.quality import grade_all
from bench.peers.catalogue import LONGEST, PEERS
from bench.peers.python import RunError
from bench.peers.scoring import Scores
from bench.quality.protocol import Judged
from bench.quality.series import Labelled


def series(points):
    times = np.arange(points) * 60.0
    return Labelled("x", times, np.sin(times), times == times[points // 2])


def knows(group):
    """A method that is right."""
    return [Judged(each.labels.astype(float), each.labels.astype(float), None) for each in group]


@pytest.fixture(autouse=True)
def one_method_here(monkeypatch):
    monkeypatch.setattr(quality, "OWN", (("default", "this project", knows),))


@pytest.fixture
def given(monkeypatch):
    """What peers are given; they are right too, but for one that fails."""
    lengths = {}

    def score(_python, peer, group, *, seconds):
        lengths.setdefault(peer.name, []).append([len(each) for each in group])
        if peer is PEERS[0]:
            raise RunError(f"took more than {seconds:.0f} s")
        return Scores(tuple(each.labels.astype(float) for each in group), cpu=1.0)

    monkeypatch.setattr(quality, "score", score)
    return lengths


def test_peers_are_graded_beside_this_projects_methods(given):
    results = grade_all({"short": (series(1000),)}, "python", lambda _: None)

    own, failed, *others = results["short"]
    assert own.figures.vus_pr > 0.9
    assert [each.figures.vus_pr for each in others] == [own.figures.vus_pr] * (len(PEERS) - 1)
    assert others[0].microseconds == 1000
    assert failed.figures is None
    assert failed.remark.startswith("took more than")
    assert len(given) == len(PEERS)


def test_of_long_series_peers_get_the_beginning_and_so_does_this_project(given):
    results = grade_all({"long": (series(LONGEST + 1), series(100))}, "python", lambda _: None)

    whole, beginning = results.values()
    assert list(results) == ["long", "long, first 20,160 points"]
    assert [each.method for each in whole] == ["default"]
    assert whole[0].figures.points == LONGEST + 101
    assert beginning[0].figures.points == LONGEST + 100
    assert given["STL"] == [[LONGEST, 100]]


def test_without_the_peers_environment_only_this_projects_methods_are_graded():
    told = []

    results = grade_all({"short": (series(1000),)}, None, told.append)

    assert [each.method for each in results["short"]] == ["default"]
    assert told == ["short: this project's methods"]
