"""Grading every method on every group of series."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.peers.catalogue import LONGEST, PEERS, Peer
from bench.peers.python import RunError
from bench.peers.scoring import score
from bench.quality import methods
from bench.quality.methods import ORIGINAL, Judge
from bench.quality.protocol import Figures, Judged, grade, hold
from bench.quality.series import Labelled

PEER_SECONDS = 1800.0
"""A peer that takes longer for a group is left out."""

Group = tuple[Labelled, ...]
OWN: tuple[tuple[str, str, Judge], ...] = (
    ("default", "this project", methods.default),
    *((name, "original design", partial(methods.original, method=name)) for name in ORIGINAL),
)
"""Name, origin and judge of what this project has itself."""

Report = Callable[[str], object]
"""What is told of progress."""


@dataclass(frozen=True)
class Graded:
    """One method on one group."""

    method: str
    """What tables call it."""

    origin: str
    """`this project`, `original design`, or the package of a peer."""

    figures: Figures | None
    """None when it did not come to an end."""

    remark: str = ""
    """Why there are no figures."""

    microseconds: float = float("nan")
    """Processor time per point."""


def grade_all(
    data: Mapping[str, Group], python: Path | None, report: Report
) -> dict[str, list[Graded]]:
    """Grade this project's methods and, where their environment is given, the peers."""
    results: dict[str, list[Graded]] = {}
    for name, group, short in _groups(data):
        report(f"{name}: this project's methods")
        results[name] = [_own(group, *method) for method in OWN]
        if python is not None and short:
            report(f"{name}: {len(PEERS)} peers")
            results[name] += _peers(group, python)
    return results


def _groups(data: Mapping[str, Group]) -> Iterator[tuple[str, Group, bool]]:
    """Every group, and the beginning of those that are too long for some peers."""
    for name, group in data.items():
        short = max(map(len, group)) <= LONGEST
        yield name, group, short
        if not short:
            beginnings = tuple(series.beginning(LONGEST) for series in group)
            yield f"{name}, first {LONGEST:,} points", beginnings, True


def _own(group: Group, name: str, origin: str, judge: Judge) -> Graded:
    begin = time.process_time()
    judged = judge(group)
    seconds = time.process_time() - begin
    return Graded(name, origin, grade(group, judged), microseconds=_per_point(seconds, group))


def _peers(group: Group, python: Path) -> list[Graded]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda peer: _peer(peer, group, python), PEERS))


def _peer(peer: Peer, group: Group, python: Path) -> Graded:
    try:
        scores = score(python, peer, group, seconds=PEER_SECONDS)
    except RunError as error:
        return Graded(peer.name, peer.package, None, str(error))
    judged = [Judged(each, hold(each), None) for each in scores.of_series]
    return Graded(
        peer.name,
        peer.package,
        grade(group, judged),
        microseconds=_per_point(scores.cpu, group),
    )


def _per_point(seconds: float, group: Sequence[Labelled]) -> float:
    return seconds / sum(map(len, group)) * 1e6
