"""`python -m bench.reading`: memory and time of reading two weeks in steps of five minutes."""

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from anomaly.config.endpoint import MOST_POINTS
from anomaly.config.endpoint import Connection as Settings
from anomaly.prometheus.client import Prometheus, SeriesMatrix
from bench.reading.server import serve

STEP = 300
START = 1_700_000_100
MIB = 1024**2


@dataclass(frozen=True)
class Reading:
    """What one reading took."""

    matrix: SeriesMatrix
    processor: float
    """Seconds of processor time."""
    before: float
    """Peak of memory before it, in MiB: Python and numpy."""
    peak: float
    """Peak of memory, in MiB."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.reading", description=__doc__)
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=14 * 24 * 12)
    parser.add_argument("--points", type=int, default=MOST_POINTS, help="steps of one question")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(options.series, theirs), daemon=True)
    server.start()
    reading = read(ours.recv(), options.steps, options.points)
    server.terminate()
    Console().print(_table(reading))


def read(port: int, steps: int, points: int) -> Reading:
    """Read everything once."""
    before = _peak()
    begun = time.process_time()
    settings = Settings(url=f"http://127.0.0.1:{port}", max_points_per_query=points)
    end = START + (steps - 1) * STEP
    matrix = Prometheus(settings).query_range("x", start=START, end=end, step=STEP)
    return Reading(matrix, time.process_time() - begun, before, _peak())


def _peak() -> float:
    """Most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(reading: Reading) -> Table:
    series, steps = reading.matrix.values.shape
    cost = reading.matrix.cost
    table = Table(title=f"{series:,} series x {steps:,} steps")
    for column in ("samples", "answers", "requests", "processor", "matrix", "before", "peak"):
        table.add_column(column, justify="right")
    table.add_row(
        f"{cost.samples:,}",
        f"{cost.received_bytes / MIB:,.0f} MiB",
        str(cost.requests),
        f"{reading.processor:.1f} s",
        f"{reading.matrix.values.nbytes / MIB:.0f} MiB",
        f"{reading.before:.0f} MiB",
        f"{reading.peak:.0f} MiB",
    )
    return table


if __name__ == "__main__":
    main()
