"""`python -m bench.throughput.worker CASE`: measures one case, given and answered as JSON.

Runs in the environment of whatever it measures, so it needs numpy only, and the method itself.
"""

import dataclasses
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

from bench.peers.causal import Series
from bench.peers.processor import seconds_used
from bench.throughput.cases import Case, Cost
from bench.throughput.workload import STEP, Matrix, chunks, matrix, timestamps

WARM_POINTS = 600
"""Points of a first run, in which what is loaded or compiled at first use is."""

Step = Callable[[], object]


def measure(case: Case) -> Cost:
    """Do the work, and take the time of nothing else."""
    wall = cpu = 0.0
    for step in _steps(case):
        begin, used = time.perf_counter(), seconds_used()
        step()
        cpu += seconds_used() - used
        wall += time.perf_counter() - begin
    return Cost(wall, cpu, _peak_memory(), case.samples)


def _steps(case: Case) -> Iterator[Step]:
    if case.work == "copy":
        return _copies(case)
    if case.method != "ours":
        return _peer(case)
    return _replays(case) if case.work == "replay" else _ticks(case)


def _copies(case: Case) -> Iterator[Step]:
    for piece in chunks(case.series, case.points, case.chunk):
        target = np.zeros_like(piece)  # touched, so that no page is missing any more
        yield partial(np.copyto, target, piece)


def _replays(case: Case) -> Iterator[Step]:
    from anomaly.detector import Detector  # noqa: PLC0415 - not in the peers' environment

    detector, times = Detector(), timestamps(case.points)
    detector.replay(timestamps(WARM_POINTS), matrix(1, WARM_POINTS))
    for piece in chunks(case.series, case.points, case.chunk):
        yield partial(detector.replay, times, piece)


def _ticks(case: Case) -> Iterator[Step]:
    from anomaly.detector import Detector  # noqa: PLC0415

    times = timestamps(WARM_POINTS + case.points)
    for values in chunks(case.series, len(times), case.chunk):
        stream = Detector().stream(len(values))
        stream.feed(times[:WARM_POINTS], values[:, :WARM_POINTS])
        for now in range(WARM_POINTS, len(times)):
            tick = slice(now, now + 1)
            yield partial(stream.feed, times[tick], values[:, tick])


def _peer(case: Case) -> Iterator[Step]:
    score = import_module(f"bench.peers.adapters.{case.method}").score

    def judge(values: Matrix) -> object:
        return score(Series(timestamps(len(values)), values, STEP))

    judge(matrix(1, WARM_POINTS)[0])
    for values in matrix(case.series, case.points):
        yield partial(judge, values)


def _peak_memory() -> int:
    """Most memory of this process since it began; what its parent used does not count."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the peers', about their own dependencies
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    answer = measure(Case(**json.loads(sys.argv[1])))
    sys.stdout.write(json.dumps(dataclasses.asdict(answer)) + "\n")
