"""Labelled series: what they are, and how a folder of them is read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

ASSUMED_STEP = 60.0
"""Seconds between points of a series that comes without timestamps."""

TIMES, VALUES, LABELS = "t", "v", "l"
"""What follows `<name>|` in the names of a file's arrays."""


class DataError(Exception):
    """The data cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Labelled:
    """One series whose anomalies are known."""

    name: str
    """Unique within its group."""

    timestamps: Vector
    """Epoch seconds, not decreasing."""

    values: Vector
    """NaN where a value is missing."""

    labels: NDArray[np.bool_]
    """Whether the point belongs to an anomaly."""

    @property
    def step(self) -> float:
        """Usual seconds between points."""
        return usual_step(self.timestamps)

    def __len__(self) -> int:
        return len(self.timestamps)

    def beginning(self, points: int) -> "Labelled":
        """Return the first points only."""
        return Labelled(
            self.name, self.timestamps[:points], self.values[:points], self.labels[:points]
        )


def usual_step(timestamps: Vector) -> float:
    """Return the median of the steps that are not 0."""
    steps = np.diff(timestamps)
    return float(np.median(steps[steps > 0])) if (steps > 0).any() else ASSUMED_STEP


def read(folder: Path) -> dict[str, tuple[Labelled, ...]]:
    """Read every .npz file of a folder as one group of series, named after the file.

    A file holds `<name>|v` (values), `<name>|l` (labels, nonzero is anomalous) and, unless the
    points are a minute apart, `<name>|t` (epoch seconds) for every series.

    Raises:
        DataError: when there is no such file or one holds something else.
    """
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise DataError(f"{folder} holds no .npz file; give a folder of labelled series")
    return {file.stem: _group(file) for file in files}


def _group(file: Path) -> tuple[Labelled, ...]:
    with np.load(file) as arrays:
        named = {name: arrays[name] for name in arrays.files}
    series = sorted({name.rpartition("|")[0] for name in named})
    return tuple(_labelled(file, name, named) for name in series)


def _labelled(file: Path, name: str, arrays: dict[str, NDArray[np.float64]]) -> Labelled:
    missing = [each for each in (VALUES, LABELS) if f"{name}|{each}" not in arrays]
    if missing:
        raise DataError(f"{file}: series {name!r} has no array {name}|{missing[0]}")
    values = np.asarray(arrays[f"{name}|{VALUES}"], dtype=np.float64)
    labels = np.asarray(arrays[f"{name}|{LABELS}"]).astype(bool)
    assumed = np.arange(len(values)) * ASSUMED_STEP
    times = np.asarray(arrays.get(f"{name}|{TIMES}", assumed), dtype=np.float64)
    if not len(values) == len(labels) == len(times):
        raise DataError(
            f"{file}: series {name!r} has {len(values)} values, {len(labels)} labels "
            f"and {len(times)} timestamps; give one of each per point"
        )
    if (np.diff(times) < 0).any():
        raise DataError(f"{file}: timestamps of series {name!r} run backwards; sort its points")
    return Labelled(name, times, values, labels)
