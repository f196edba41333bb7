"""Series from NPZ files: arrays `<name>|t`, `<name>|v` and, where there are labels, `<name>|l`."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from anomaly.errors import DataError
from anomaly.loading.naming import labels_of
from anomaly.loading.recorded import Recorded, check_times
from anomaly.spans import Mask, Vector

TIMES, VALUES, LABELS = "|t", "|v", "|l"


def read_npz(path: Path, *, step_seconds: float) -> Iterator[Recorded]:
    """The series of an NPZ file.

    Args:
        path: the file.
        step_seconds: time between the points of a series that has no times of its own.

    Raises:
        DataError: the file is otherwise than it should be.
    """
    try:
        if not zipfile.is_zipfile(path):
            raise DataError(f"cannot read {path}: it is not there, or no NPZ file")
        with np.load(path, allow_pickle=False) as file:
            names = [key.removesuffix(VALUES) for key in file.files if key.endswith(VALUES)]
            if not names:
                raise DataError(f"{path} has no array whose name ends in {VALUES}")
            for name in names:
                yield _series(file, name, f"{path}: {name}", step_seconds)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"cannot read {path}: {error}") from None


def _series(file: NpzFile, name: str, where: str, step_seconds: float) -> Recorded:
    values = _vector(file[name + VALUES], f"{where}{VALUES}")
    times: Vector = np.arange(len(values), dtype=np.float64) * step_seconds
    if name + TIMES in file.files:
        times = _vector(file[name + TIMES], f"{where}{TIMES}")
    incidents: Mask | None = None
    if name + LABELS in file.files:
        incidents = _vector(file[name + LABELS], f"{where}{LABELS}") > 0
    lengths = {len(values), len(times), len(values if incidents is None else incidents)}
    if len(lengths) > 1:
        raise DataError(f"{where}: its arrays are of different lengths")
    check_times(times, where)
    return Recorded(name, labels_of(name), times, values, incidents)


def _vector(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], where: str) -> Vector:
    if array.ndim != 1 or array.dtype.kind not in "fiub":
        raise DataError(f"{where} is not a row of numbers")
    return array.astype(np.float64)
