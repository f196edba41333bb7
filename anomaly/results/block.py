"""Series to be written: one metric of many series, on the same steps."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.windows import Matrix

STALE_BITS = np.uint64(0x7FF0000000000002)
STALE: np.float64 = np.array([STALE_BITS]).view(np.float64)[0]
"""Prometheus' marker for the end of a series. It is a NaN like any other to arithmetic; only its
bits tell."""


@dataclass(frozen=True)
class Block:
    """One metric of many series."""

    metric: str
    """Name of the metric."""

    labels: tuple[Mapping[str, str], ...]
    """Labels of each series, the name not among them."""

    timestamps: NDArray[np.float64]
    """(time,): epoch seconds, increasing."""

    values: Matrix
    """(series, time); nothing is written where there is NaN, but for the marker `STALE`."""

    def written(self) -> NDArray[np.bool_]:
        """Which values are written."""
        markers = np.ascontiguousarray(self.values).view(np.uint64) == STALE_BITS
        written: NDArray[np.bool_] = markers | ~np.isnan(self.values)
        return written
