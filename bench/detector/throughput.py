"""Measuring this project's detector, the peers and a plain copy, one after another."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers.catalogue import PEERS
from bench.peers.python import RunError
from bench.throughput.cases import (
    COPY,
    LARGEST,
    LONGEST,
    REPLAYS,
    STANDARD,
    TICKING,
    Case,
    Cost,
    beside,
)
from bench.throughput.measuring import measure

SAMPLES_PER_SECOND = 2_000_000
"""Bar for the standard case."""

MEMORY = 512 * 2**20
"""Bar for the largest case, bytes."""

LONG_SECONDS = 1.0
"""Bar for one long series."""

Report = Callable[[str], object]


@dataclass(frozen=True)
class Measured:
    """One method in one case."""

    method: str
    """What tables call it."""

    case: Case
    """What was measured."""

    cost: Cost | None
    """None when it did not come to an end."""

    remark: str = ""
    """Why there is no cost."""


@dataclass(frozen=True)
class Bar:
    """What must be reached, and what was."""

    name: str
    """What is measured."""

    limit: str
    """What must be reached."""

    reached: str
    """What was."""

    met: bool
    """Whether that is enough."""


def measure_all(python: Path | None, report: Report) -> list[Measured]:
    """Measure everything; nothing else of this benchmark runs meanwhile."""
    own = Path(sys.executable)
    results = []
    for case in (COPY, *REPLAYS, *TICKING):
        report(f"{case.work}: {case.series:,} series of {case.points:,} points")
        results.append(Measured("copy" if case is COPY else "default", case, measure(own, case)))
    for peer in PEERS if python is not None else ():
        report(f"replay: {peer.name}")
        case = beside(peer.adapter)
        try:
            results.append(Measured(peer.name, case, measure(python, case)))  # type: ignore[arg-type]
        except RunError as error:
            results.append(Measured(peer.name, case, None, str(error)))
    return results


def bars(results: list[Measured]) -> list[Bar]:
    """Compare with what the detector must reach."""
    costs = {each.case: each.cost for each in results if each.cost is not None}
    standard, largest, longest = costs[STANDARD], costs[LARGEST], costs[LONGEST]
    return [
        Bar(
            f"{STANDARD.series:,} series x {STANDARD.points:,} points, one core",
            f"{SAMPLES_PER_SECOND / 1e6:.0f} million samples/s",
            f"{standard.rate / 1e6:.2f} million samples/s",
            standard.rate >= SAMPLES_PER_SECOND,
        ),
        Bar(
            f"{LARGEST.series:,} series x {LARGEST.points:,} points, memory",
            f"{MEMORY / 2**20:.0f} MiB",
            f"{largest.peak / 2**20:.0f} MiB",
            largest.peak < MEMORY,
        ),
        Bar(
            f"one series of {LONGEST.points:,} points",
            f"{LONG_SECONDS:.0f} s",
            f"{longest.cpu:.2f} s",
            longest.cpu <= LONG_SECONDS,
        ),
    ]
