"""What reading brings: series on one grid of steps, what they cost, and how they come together.

The matrix grows row by row in place, so that it is never in memory twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.windows import Matrix
from anomaly.prometheus.answer import Labels, Vector


@dataclass(frozen=True)
class QueryCost:
    """What a query cost those who asked and those who answered."""

    requests: int = 0
    """HTTP requests, repeated ones too."""

    seconds: float = 0.0
    """From the first request to the end of the last answer, pauses included."""

    samples: int = 0
    """Samples in the answers."""

    received_bytes: int = 0
    """Length of the answers, decompressed."""

    queryable_samples: int = 0
    """Samples that the server had to look at; 0 where it does not tell."""

    def __add__(self, other: "QueryCost") -> "QueryCost":
        return QueryCost(
            self.requests + other.requests,
            self.seconds + other.seconds,
            self.samples + other.samples,
            self.received_bytes + other.received_bytes,
            self.queryable_samples + other.queryable_samples,
        )


@dataclass(frozen=True)
class SeriesMatrix:
    """Series on one grid of steps."""

    timestamps: NDArray[np.float64]
    """(time,): epoch seconds of the steps, multiples of the step."""

    values: Matrix
    """(series, time); NaN where there is no value. Infinities are no values."""

    labels: tuple[Mapping[str, str], ...]
    """What tells each series from the others, in the order in which they came."""

    warnings: tuple[str, ...] = ()
    """What makes the answer less than complete, from the server or from the reader."""

    infos: tuple[str, ...] = ()
    """Remarks of the server on the query; the answer is complete all the same."""

    degraded: bool = False
    """Whether series or samples may be missing that exist. What is absent here may not be absent:
    report no outage from it and learn nothing from it."""

    dropped: int = 0
    """Series that were left out because there were more than allowed."""

    cost: QueryCost = QueryCost()
    """What it cost."""


LEAST_ROWS = 64
GROWTH = 16
"""The matrix grows by one row in so many."""


class Grid:
    """Series on the steps from the first to the last."""

    def __init__(self, first: int, length: int, step: int, *, most: int) -> None:
        """Without any series yet.

        Args:
            first: number of the first step since the epoch.
            length: steps.
            step: seconds.
            most: series that there is room for.
        """
        self._first, self._length, self._step = first, length, step
        self._most = most
        self._rows: dict[tuple[tuple[str, str], ...], int] = {}
        self._dropped: set[int] = set()
        self._values = np.empty((0, length))
        self._times: Vector | None = None
        """Times of the last samples, and where they lie; the next ones often are at the same."""
        self._inside = np.empty(0, dtype=np.bool_)
        self._steps = np.empty(0, dtype=np.intp)

    @property
    def dropped(self) -> int:
        """Series that there was no room for."""
        return len(self._dropped)

    def place(self, labels: Labels, times: Vector, values: Vector) -> None:
        """Put samples of a series where they belong.

        Samples may come in any order; of several for one step the last one counts.

        Args:
            labels: of the series.
            times: epoch seconds of the samples.
            values: of the samples.
        """
        row = self._row(labels)
        if row is None:
            return
        if times is not self._times:
            steps = np.rint(times / self._step) - self._first
            self._inside = (steps >= 0) & (steps < self._length)
            self._steps = steps[self._inside].astype(np.intp)
            self._times = times
        chosen = values[self._inside]
        chosen[~np.isfinite(chosen)] = np.nan
        self._values[row, self._steps] = chosen

    def forget(self, begin: int, end: int) -> None:
        """Empty some steps of all series, for an answer that did not come whole."""
        self._values[: len(self._rows), begin:end] = np.nan

    def take(self) -> tuple[Matrix, tuple[Labels, ...]]:
        """The matrix and the labels of its rows; the grid is empty afterwards."""
        values, labels = self._values, tuple(dict(key) for key in self._rows)
        self._values = np.empty((0, self._length))
        self._rows = {}
        values.resize((len(labels), self._length), refcheck=False)
        return values, labels

    def _row(self, labels: Labels) -> int | None:
        """The row of a series, a new one if need be; None when there is no room."""
        key = tuple(sorted(labels.items()))
        row = self._rows.get(key)
        if row is None:
            if len(self._rows) == self._most:
                self._dropped.add(hash(key))
                return None
            row = self._rows[key] = len(self._rows)
            if row == len(self._values):
                grown = row + max(LEAST_ROWS, row // GROWTH)
                # The array owns its memory and nobody else looks at it.
                self._values.resize((min(grown, self._most), self._length), refcheck=False)
            self._values[row] = np.nan
        return row
