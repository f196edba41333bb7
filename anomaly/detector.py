"""The detector: replays series and says of every point how anomalous it was when it came.

Strictly causal: what is said of a point depends on nothing after it, and replaying a prefix says
the same of that prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.config import DetectorConfig
from anomaly.errors import StateError
from anomaly.methods import METHODS, Band
from anomaly.windows import Matrix

THRESHOLD = 1.0
"""A score above this is an anomaly, for every method."""


@dataclass(frozen=True)
class Replay:
    """What the detector said of every point; all arrays are (series, time)."""

    score: Matrix
    """How anomalous; above 1 is an anomaly. 0 while too little is known, NaN where no value is."""

    alerting: NDArray[np.bool_]
    """Whether the point is an anomaly."""

    expected: Matrix
    """What was expected; NaN while too little was known."""

    lower: Matrix
    """Lower edge of what was normal."""

    upper: Matrix
    """Upper edge of what was normal."""

    views: Mapping[str, Matrix]
    """The score that each method gave."""


@dataclass(frozen=True)
class Detector:
    """Judges series as its configuration says."""

    config: DetectorConfig = field(default_factory=DetectorConfig)
    """Method and parameters."""

    def stream(self, series: int) -> "Stream":
        """Judge points as they come."""
        return Stream(self, np.empty(0), np.empty((series, 0)))

    def resume(self, state: Mapping[str, NDArray[Any]]) -> "Stream":
        """Go on where a stream has been."""
        try:
            return Stream(self, state["timestamps"], state["values"])
        except KeyError as error:
            raise StateError(str(error)) from None

    def replay(self, timestamps: ArrayLike, values: ArrayLike, *, detail: bool = True) -> Replay:
        """Judge every point of some series by what came before it.

        Args:
            timestamps: (time,), epoch seconds, not decreasing.
            values: (series, time), NaN where a value is missing; infinities count as missing.

        Raises:
            ValueError: when the shapes do not fit or time runs backwards.
        """
        matrix = _matrix(timestamps, values)
        names = tuple(METHODS) if self.config.method == "ensemble" else (self.config.method,)
        with np.errstate(over="ignore", invalid="ignore"):  # numbers near the end of their range
            bands = {name: METHODS[name](matrix, self.config) for name in names}
            views = {name: band.score(matrix) for name, band in bands.items()}
            votes = len(bands) // 2 + 1
            score = _nth_largest(list(views.values()), votes)
            band = _common_band(list(bands.values()), votes)
        return Replay(score, score > THRESHOLD, band.expected, band.lower, band.upper, views)


def _matrix(timestamps: ArrayLike, values: ArrayLike) -> Matrix:
    times = np.asarray(timestamps, dtype=np.float64)
    matrix = np.array(values, dtype=np.float64)
    if times.ndim != 1 or matrix.ndim != 2 or matrix.shape[1] != len(times):  # noqa: PLR2004
        raise ValueError(
            f"timestamps {times.shape} and values {matrix.shape} do not fit; "
            "give (time,) and (series, time)"
        )
    if (np.diff(times) < 0).any() or np.isnan(times).any():
        raise ValueError("timestamps must be numbers that do not decrease")
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def _nth_largest(scores: list[Matrix], place: int) -> Matrix:
    """The score that `place` methods reach: above the threshold when so many of them say so."""
    largest: Matrix = np.sort(np.stack(scores), axis=0)[-place]
    return largest


def _common_band(bands: list[Band], votes: int) -> Band:
    """The edges outside of which so many methods see an anomaly; an unknown band is endless."""
    expected = np.stack([band.expected for band in bands])
    upper = np.stack([np.where(np.isnan(band.upper), np.inf, band.upper) for band in bands])
    lower = np.stack([np.where(np.isnan(band.lower), -np.inf, band.lower) for band in bands])
    edges = Band(
        _median(expected),
        np.sort(lower, axis=0)[-votes],
        np.sort(upper, axis=0)[votes - 1],
    )
    known = np.isfinite(edges.lower) & np.isfinite(edges.upper)
    parts = (edges.expected, edges.lower, edges.upper)
    return Band(*(np.where(known, part, np.nan) for part in parts))


def _median(stack: Matrix) -> Matrix:
    """Median over the first axis of what is known; NaN where nothing is."""
    ordered = np.sort(stack, axis=0)
    count = np.count_nonzero(~np.isnan(stack), axis=0)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    high = np.take_along_axis(ordered, count[None] // 2, axis=0)[0]
    median: Matrix = (low + high) / 2
    return median


@dataclass
class Stream:
    """A detector that is fed block after block."""

    detector: Detector
    timestamps: NDArray[np.float64]
    values: Matrix

    def feed(self, timestamps: ArrayLike, values: ArrayLike, *, detail: bool = False) -> Replay:
        """Judge the points that follow."""
        times = np.concatenate([self.timestamps, np.asarray(timestamps)])
        matrix = np.concatenate([self.values, np.asarray(values)], axis=1)
        replay = self.detector.replay(times, matrix)
        start = len(self.timestamps)
        kept = -2 * self.detector.config.history
        self.timestamps, self.values = times[kept:], matrix[:, kept:]
        return Replay(
            replay.score[:, start:],
            replay.alerting[:, start:],
            replay.expected[:, start:],
            replay.lower[:, start:],
            replay.upper[:, start:],
            {name: view[:, start:] for name, view in replay.views.items()} if detail else {},
        )

    def state(self) -> dict[str, NDArray[Any]]:
        """All that is needed to go on."""
        return {"timestamps": self.timestamps, "values": self.values}
