"""A series that was recorded, perhaps with what somebody knows of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomaly.errors import DataError
from anomaly.offline.spans import Mask, Vector

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
