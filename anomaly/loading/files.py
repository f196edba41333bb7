"""Which reader a file of series takes."""

from collections.abc import Sequence
from pathlib import Path

from anomaly.errors import DataError
from anomaly.loading.archive import read_npz
from anomaly.loading.recorded import Recorded
from anomaly.loading.table import read_csv


def read(paths: Sequence[Path], *, step_seconds: float) -> list[Recorded]:
    """The series of all files, in their order.

    Args:
        paths: CSV or NPZ files.
        step_seconds: time between the points of a series that has no times of its own.

    Raises:
        DataError: a file is missing, or is otherwise than it should be.
    """
    found: list[Recorded] = []
    for path in paths:
        if path.suffix == ".csv":
            found += read_csv(path)
        elif path.suffix == ".npz":
            found += read_npz(path, step_seconds=step_seconds)
        else:
            raise DataError(f"{path} is neither .csv nor .npz")
    return found
