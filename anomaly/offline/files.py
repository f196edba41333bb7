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
    """Its labels."""

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


TIME, VALUE, SERIES, LABEL = "timestamp", "value", "series", "label"
TRUTHS = {"0": False, "1": True, "false": False, "true": True, "": False}

Row = tuple[int, list[str]]
"""Line in the file, and its cells."""


def read_csv(path: Path) -> Iterator[Recorded]:
    """The series of a CSV file.

    Raises:
        DataError: the file is otherwise than it should be.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            header = [name.strip() for name in next(lines, [])]
            rows = [(lines.line_num, cells) for cells in lines if cells]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {path}: {error}") from None
    _check(path, header, rows)
    yield from _long(path, header, rows) if VALUE in header else _wide(path, header, rows)


def _check(path: Path, header: list[str], rows: list[Row]) -> None:
    if TIME not in header:
        raise DataError(f"{path} has no column {TIME}; its first line names the columns")
    if len(set(header)) != len(header):
        raise DataError(f"{path}: two columns have the same name")
    if VALUE not in header and LABEL in header:
        raise DataError(f"{path} has a column {LABEL} but no column {VALUE}")
    if len(header) == 1 or not rows:
        raise DataError(f"{path} has no values")
    for line, cells in rows:
        if len(cells) != len(header):
            raise DataError(f"{path}:{line}: {len(cells)} cells under {len(header)} columns")


def _long(path: Path, header: list[str], rows: list[Row]) -> Iterator[Recorded]:
    surplus = set(header) - {TIME, VALUE, SERIES, LABEL}
    if surplus:
        known = f"{TIME}, {VALUE}, {SERIES}, {LABEL}"
        raise DataError(f"{path}: unknown column {', '.join(sorted(surplus))}; known are {known}")
    groups: dict[str, list[Row]] = {}
    for row in rows:
        name = row[1][header.index(SERIES)] if SERIES in header else path.stem
        groups.setdefault(name, []).append(row)
    for name, group in groups.items():
        incidents = None
        if LABEL in header:
            incidents = np.array([_truth(path, row, header.index(LABEL)) for row in group])
        times = _column(path, group, header.index(TIME), epoch)
        values = _column(path, group, header.index(VALUE), _value)
        check_times(times, f"{path}: {name}")
        yield Recorded(name, labels_of(name), times, values, incidents)


def _wide(path: Path, header: list[str], rows: list[Row]) -> Iterator[Recorded]:
    times = _column(path, rows, header.index(TIME), epoch)
    check_times(times, str(path))
    for place, name in enumerate(header):
        if name != TIME:
            yield Recorded(name, labels_of(name), times, _column(path, rows, place, _value), None)


def _column(path: Path, rows: list[Row], place: int, read: Callable[[str], float]) -> Vector:
    """A column as numbers."""
    try:
        return np.array([float(cells[place] or "nan") for _, cells in rows])
    except ValueError:
        pass
    # Slower, and knows the line.
    return np.array([_cell(path, row, place, read) for row in rows])


def _cell(path: Path, row: Row, place: int, read: Callable[[str], float]) -> float:
    line, cells = row
    try:
        return read(cells[place])
    except ValueError:
        kind = "number" if read is _value else "time"
        raise DataError(f"{path}:{line}: {cells[place][:40]!r} is no {kind}") from None


def _value(cell: str) -> float:
    """A value; nothing where it is missing."""
    return float(cell or "nan")


def _truth(path: Path, row: Row, place: int) -> bool:
    line, cells = row
    truth = TRUTHS.get(cells[place].strip().lower().removesuffix(".0"))
    if truth is None:
        raise DataError(f"{path}:{line}: {cells[place][:40]!r} is no label; write 0 or 1")
    return truth


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
