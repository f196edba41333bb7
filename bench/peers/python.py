"""Running a module of this checkout in a chosen environment, on one thread."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "STAN_NUM_THREADS": "1",
}
"""What keeps numerical libraries on one core."""


class RunError(Exception):
    """A process did not come to a good end; the text says how it ended."""


def run_module(python: Path, module: str, arguments: Sequence[str], *, seconds: float) -> str:
    """Run a module and return what it wrote to standard output.

    Raises:
        RunError: when it cannot be started, fails or takes longer than allowed.
    """
    try:
        return subprocess.run(
            [python, "-m", module, *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        ).stdout
    except OSError as absent:
        raise RunError(f"{python} cannot be run: {absent.strerror}") from absent
    except subprocess.TimeoutExpired as late:
        raise RunError(f"took more than {seconds:.0f} s") from late
    except subprocess.CalledProcessError as failed:
        last = (failed.stderr.strip().splitlines() or ["no output"])[-1]
        raise RunError(f"failed: {last}") from failed
