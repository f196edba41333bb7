"""Measuring a case in a process of its own."""

import dataclasses
import json
from pathlib import Path

from bench.peers.python import run_module
from bench.throughput.cases import Case, Cost

LIMIT_SECONDS = 900.0


def measure(python: Path, case: Case) -> Cost:
    """Measure a case in the given environment.

    Raises:
        RunError: when it fails or does not come to an end.
    """
    given = json.dumps(dataclasses.asdict(case))
    answer = run_module(python, "bench.throughput.worker", [given], seconds=LIMIT_SECONDS)
    return Cost(**json.loads(answer))
