"""Series from files.

CSV has either one row a point of a series (`timestamp`, `value`, and as far as there are any
`series` and `label`), or one column a series (`timestamp`, and a column for each). NPZ has arrays
`<name>|t`, `<name>|v` and, where there are labels, `<name>|l`.
"""

import csv
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from anomaly.errors import DataError
from anomaly.labels import parsed
from anomaly.offline.grade import Mask, Vector
from anomaly.texts import epoch

MILLISECONDS = 1e11
"""Epoch seconds from here on lie beyond the year 5000; milliseconds begin in 1973."""


@dataclass(frozen=True)
class Recorded:
    """One series; all arrays are (time,)."""

    name: str
    """Its name in the file; what the labels say as well, when it is a selector."""

    labels: Mapping[str, str]
    timestamps: Vector
    """Epoch seconds, not decreasing; gaps and duplicates are allowed."""

    values: Vector
    """NaN where missing."""

    incidents: Mask | None
    """Where there was an incident; None where nobody says."""


def check_times(timestamps: Vector, where: str) -> None:
    """Refuse times that no series can have.

    Raises:
        DataError: with the place of the first that is wrong.
    """
    if not len(timestamps):
        raise DataError(f"{where} has no points")
    wrong = np.flatnonzero(~np.isfinite(timestamps))
    if len(wrong):
        raise DataError(f"{where}: point {wrong[0] + 1} has no time")
    if timestamps.min() < 0:
        raise DataError(f"{where}: times lie before 1970; give epoch seconds")
    if timestamps.max() >= MILLISECONDS:
        raise DataError(f"{where}: times look like milliseconds; give epoch seconds")
    back = np.flatnonzero(np.diff(timestamps) < 0)
    if len(back):
        raise DataError(f"{where}: time runs backwards at point {back[0] + 2}; sort by timestamp")


def labels_of(name: str) -> Mapping[str, str]:
    """The labels of a name that is a selector; of any other, the name as `series`."""
    try:
        _, labels = parsed(name)
    except ValueError:
        labels = {}
    return labels or {"series": name}


TIMES, VALUES, LABELS = "|t", "|v", "|l"


def read_npz(path: Path, *, step_seconds: float) -> Iterator[Recorded]:
    """The series of an NPZ file.

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


TIME, VALUE, SERIES, LABEL = "timestamp", "value", "series", "label"
TRUTHS = {"0": False, "1": True, "false": False, "true": True, "": False}

Row = tuple[int, dict[str, str]]
"""Line in the file, and its cells by column."""


def read_csv(path: Path) -> Iterator[Recorded]:
    """The series of a CSV file.

    Raises:
        DataError: the file is otherwise than it should be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = [name.strip() for name in next(lines, [])]
            cells = [(lines.line_num, cells) for cells in lines if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {path}: {error}") from None
    _check(path, header, has_rows=bool(cells))
    rows: list[Row] = []
    for line, row in cells:
        if len(row) != len(header):
            raise DataError(f"{path}:{line}: {len(row)} cells under {len(header)} columns")
        rows.append((line, dict(zip(header, row, strict=True))))
    if VALUE not in header:
        for name in header:
            if name != TIME:
                yield _recorded(path, name, rows, name, labelled=False)
        return
    groups: dict[str, list[Row]] = {}
    for at in rows:
        groups.setdefault(at[1].get(SERIES, path.stem), []).append(at)
    for name, group in groups.items():
        yield _recorded(path, name, group, VALUE, labelled=LABEL in header)


def _check(path: Path, header: list[str], *, has_rows: bool) -> None:
    if TIME not in header:
        raise DataError(f"{path} has no column {TIME}; its first line names the columns")
    if len(set(header)) != len(header):
        raise DataError(f"{path}: two columns have the same name")
    if VALUE not in header and LABEL in header:
        raise DataError(f"{path} has a column {LABEL} but no column {VALUE}")
    if len(header) == 1 or not has_rows:
        raise DataError(f"{path} has no values")
    known = (TIME, VALUE, SERIES, LABEL)
    surplus = sorted(set(header) - set(known)) if VALUE in header else ()
    if surplus:
        raise DataError(f"{path}: unknown column {surplus[0]}; known are {', '.join(known)}")


def _recorded(path: Path, name: str, rows: list[Row], value: str, *, labelled: bool) -> Recorded:
    times = _column(path, rows, TIME, _time, "time")
    check_times(times, f"{path}: {name}")
    values = _column(path, rows, value, lambda cell: float(cell or "nan"), "number")
    incidents = None
    if labelled:
        incidents = _column(path, rows, LABEL, _truth, "label; write 0 or 1") > 0
    return Recorded(name, labels_of(name), times, values, incidents)


def _column(
    path: Path, rows: list[Row], name: str, read: Callable[[str], float], kind: str
) -> Vector:
    """A column as numbers."""
    numbers = []
    for line, cells in rows:
        try:
            numbers.append(read(cells[name]))
        except (KeyError, ValueError):
            raise DataError(f"{path}:{line}: {cells[name][:40]!r} is no {kind}") from None
    return np.array(numbers, np.float64)


def _time(cell: str) -> float:
    return epoch(cell) if cell else np.nan


def _truth(cell: str) -> float:
    return TRUTHS[cell.strip().lower().removesuffix(".0")]


def read(paths: Sequence[Path], *, step_seconds: float) -> list[Recorded]:
    """The series of all files, in their order.

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
