"""`python -m bench.chaos`: how fast experiments are stopped, undone and got over.

Needs a sandbox with a node that stands (`make live`). Prints a table, and exits with 1 where a
promise is not kept.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.chaos.runs import PATIENCE, Runs, fail, last, stress, until
from ops.chaos.pausing import pause_all, wait_until_recovered
from ops.chaos.resuming import resume
from sandbox.demo.demo import SERVICES_HOME
from sandbox.folder import SandboxFolder
from vocabulary.labels import CHAOS_PAUSE

ABORT, UNDONE = 15.0, 30.0
"""Seconds that the platform promises: from the first fault under a failing watch to the abort, and
until nothing of a fault is left."""

BY_HAND = "booking-memory-stress"
"""A Schedule that somebody pauses by hand meanwhile."""

WHY = "bench.chaos"
MANY_PATIENCE = timedelta(minutes=8)
"""Until all faults of many experiments are injected: the daemon takes one after the other."""


@dataclass(frozen=True)
class Measure:
    """Something that was timed, again and again."""

    name: str
    seconds: Sequence[float]
    bar: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the worst is within what is promised."""
        return self.bar is None or max(self.seconds) <= self.bar


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="bench.chaos", description=__doc__)
    parser.add_argument("--folder", type=Path, default=SandboxFolder().root, help="of the sandbox")
    parser.add_argument("--rounds", type=int, default=10, help="of each measure (default 10)")
    parser.add_argument("--many", type=int, default=50, help="experiments at once (default 50)")
    options = parser.parse_args()
    runs, console = Runs.on(SandboxFolder(options.folder.resolve())), Console()
    table = Table(title=f"each {options.rounds} times, seconds")
    for column in ("", "median", "worst", "promised"):
        table.add_column(column)
    kept = True
    for measure in _measures(runs, options.rounds, options.many):
        bar = "" if measure.bar is None else f"{measure.bar:g}"
        worst = f"{max(measure.seconds):.1f}"
        console.print(f"{measure.name}: {', '.join(f'{each:.1f}' for each in measure.seconds)}")
        table.add_row(measure.name, f"{median(measure.seconds):.1f}", worst, bar)
        kept &= measure.kept
    console.print(table)
    for promise, holds in _promises(runs):
        console.print(f"{'yes' if holds else 'NO'}: {promise}")
        kept &= holds
    return 0 if kept else 1


def _measures(runs: Runs, rounds: int, many: int) -> Iterator[Measure]:
    aborted, undone = zip(*(_abort(runs) for _ in range(rounds)), strict=True)
    yield Measure("bad answers to abort", aborted, ABORT)
    yield Measure("bad answers to all undone", undone, UNDONE)
    yield Measure("fault over to both pods ready", [_recovery(runs) for _ in range(rounds)])
    yield Measure("pause-all of one", [_stop(runs, 1) for _ in range(rounds)], UNDONE)
    yield Measure(f"pause-all of {many}", [_stop(runs, many)], UNDONE)


def _abort(runs: Runs) -> tuple[float, float]:
    """From the begin of the watch, as the cluster notes it, to the second."""
    names = runs.start(fail)
    begun = until(lambda: runs.begun(names[0], "watch"), "the watch begins")
    until(lambda: runs.aborted(names[0]), "the run is aborted")
    aborted = _since(begun)
    until(lambda: not runs.faulty(names), "the fault is undone")
    undone = _since(begun)
    runs.forget(names)
    return aborted, undone


def _recovery(runs: Runs) -> float:
    names = runs.start(last("15s"))
    runs.hit(names)
    until(lambda: not runs.faulty(names), "the fault is over")
    start = time.monotonic()
    until(lambda: runs.ready() == runs.replicas, "both pods are ready")
    seconds = time.monotonic() - start
    runs.forget(names)
    return seconds


def _stop(runs: Runs, number: int) -> float:
    change = last("9m") if number == 1 else stress(runs, "9m")
    names = runs.start(change, number)
    runs.hit(names, patience=MANY_PATIENCE)
    start = time.monotonic()
    done = pause_all(runs.cluster, reason=WHY)
    wait_until_recovered(
        runs.cluster, done.changes, namespace=None, timeout=PATIENCE, report=lambda _: None
    )
    seconds = time.monotonic() - start
    resume(runs.cluster)
    runs.forget(names)
    return seconds


def _promises(runs: Runs) -> Iterator[tuple[str, bool]]:
    """What holds or does not, whatever it takes."""
    where = ("schedule", BY_HAND, f"--namespace={SERVICES_HOME}")
    runs.kubectl.run("annotate", *where, f"{CHAOS_PAUSE}=true")
    try:
        pause_all(runs.cluster, reason=WHY)
        yield "all Schedules are paused", len(runs.paused()) == len(runs.overview().schedules)
        controller = ("deployment/chaos-controller-manager", "--namespace=chaos-mesh")
        runs.kubectl.run("rollout", "restart", *controller)
        runs.kubectl.run("rollout", "status", *controller, "--timeout=180s")
        yield "the API server refuses new ones after the controller's restart", runs.refuses()
        yield "they are still paused", len(runs.paused()) == len(runs.overview().schedules)
        resume(runs.cluster)
        yield "resume leaves alone what was paused by hand", runs.paused() == {BY_HAND}
    finally:
        resume(runs.cluster)
        runs.kubectl.run("annotate", *where, f"{CHAOS_PAUSE}-")


def _since(moment: datetime) -> float:
    return (datetime.now(UTC) - moment) / timedelta(seconds=1)


if __name__ == "__main__":
    raise SystemExit(main())
