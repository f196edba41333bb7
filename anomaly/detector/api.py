"""The detector: says of every point how anomalous it was when it came.

Strictly causal: what is said of a point depends on nothing after it, and replaying a prefix says
the same of that prefix. A stream that is fed tick by tick says the same as one replay, bit for bit.

The functions of the original design, one series in and one verdict a point out, are here too.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.config.detector import DetectorConfig, MethodName
from anomaly.detector.arrays import Judged, Matrix
from anomaly.detector.calibrated import CalibratedStream
from anomaly.detector.classic import ClassicStream
from anomaly.detector.stored import State
from anomaly.errors import StateError

THRESHOLD = 1.0
"""A score above this is an anomaly, for every method."""

VERSION = "5"
"""Of what states mean; another version's state is not gone on from."""

BLOCKS = ("score", "alerting", "expected", "lower", "upper", "another")

EARLIEST, LATEST = -6e10, 2.5e11
"""Epoch seconds that calendars know, from the year 68 to 9892; milliseconds lie beyond."""

TOGETHER = 128
"""Series that a replay judges at a time; so many keep what is worked on in a processor's cache."""

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Replay:
    """What the detector said of every point; all arrays are (series, time)."""

    score: Matrix
    """How anomalous; above 1 is an anomaly. 0 while too little is known, NaN where no value is."""

    alerting: NDArray[np.bool_]
    """Whether an alert is on: one run of points is one incident, unless `another` splits it."""

    expected: Matrix
    """What was expected; NaN while too little was known."""

    lower: Matrix
    """Lower edge of what was usual."""

    upper: Matrix
    """Upper edge of what was usual."""

    views: Mapping[str, Matrix]
    """What each view, or method, says on the scale of the score; empty unless detail was asked."""

    another: NDArray[np.bool_] | None = None
    """Where an alert begins while one is on, for what is clearly something else: the former is over
    there. None where none does."""


class Stream:
    """Judges some series as their ticks come; made by `Detector.stream` and `Detector.resume`."""

    def __init__(
        self,
        config: DetectorConfig,
        judge: CalibratedStream | ClassicStream,
        newest: float = -np.inf,
    ) -> None:
        self._config = config
        self._judge = judge
        self._newest = newest

    def feed(self, timestamps: ArrayLike, values: ArrayLike, *, detail: bool = False) -> Replay:
        """Judge the ticks that follow those before.

        Args:
            timestamps: (time,), epoch seconds, not decreasing.
            values: (series, time), NaN where a value is missing; infinities count as missing.
            detail: whether to tell what each view says.

        Raises:
            ValueError: when the shapes do not fit or time runs backwards; nothing is judged then.
        """
        times, matrix = _arguments(timestamps, values)
        if len(matrix) != self._judge.series:
            raise ValueError(
                f"values of {len(matrix)} series do not fit; this stream judges "
                f"{self._judge.series}"
            )
        if len(times):
            if times[0] < self._newest:
                raise ValueError(
                    f"timestamps must not decrease: {times[0]} comes after {self._newest}; "
                    "feed a stream what is new to it"
                )
            self._newest = float(times[-1])
        judged = self._judge.feed(times, np.ascontiguousarray(matrix.T), detail=detail)
        return _turned(judged, matrix.shape)

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Everything that is needed to go on, as arrays."""
        return {
            "identity": np.array(_identity(self._config)),
            "newest": np.array(self._newest),
            **self._judge.state(),
        }


@dataclass(frozen=True)
class Detector:
    """Judges series as its configuration says."""

    config: DetectorConfig = field(default_factory=DetectorConfig)
    """Method and parameters."""

    def stream(self, series: int) -> Stream:
        """A stream without a past, for so many series."""
        return Stream(self.config, self._kind(self.config, series))

    def resume(self, state: State) -> Stream:
        """The stream that gave that state.

        Raises:
            StateError: when the state is damaged, or of another version or configuration.
        """
        try:
            identity, newest = str(state["identity"]), float(state["newest"])
            judge = None if identity != _identity(self.config) else self._restored(state)
        except Exception as error:
            raise StateError(f"the state is damaged ({type(error).__name__})") from error
        if judge is None:
            raise StateError("the state is of another version or configuration of the detector")
        return Stream(self.config, judge, newest)

    def replay(self, timestamps: ArrayLike, values: ArrayLike, *, detail: bool = False) -> Replay:
        """Judge every point of some series by what came before it.

        Args:
            timestamps: (time,), epoch seconds, not decreasing.
            values: (series, time), NaN where a value is missing; infinities count as missing.
            detail: whether to tell what each view says.

        Raises:
            ValueError: when the shapes do not fit or time runs backwards.
        """
        times, matrix = _arguments(timestamps, values)
        if len(matrix) <= TOGETHER:
            return self.stream(len(matrix)).feed(times, matrix, detail=detail)
        portions = (matrix[at : at + TOGETHER].T for at in range(0, len(matrix), TOGETHER))
        parts = (
            self._kind(self.config, some.shape[1]).feed(
                times, np.ascontiguousarray(some), detail=detail
            )
            for some in portions
        )
        return _gathered(parts, matrix.shape)

    @property
    def _kind(self) -> type[CalibratedStream] | type[ClassicStream]:
        return CalibratedStream if self.config.method == "calibrated" else ClassicStream

    def _restored(self, state: State) -> CalibratedStream | ClassicStream:
        return self._kind.restored(self.config, state)


def _identity(config: DetectorConfig) -> str:
    """Short name of version and configuration."""
    return hashlib.sha256(f"{VERSION} {config.model_dump_json()}".encode()).hexdigest()[:16]


def _arguments(timestamps: ArrayLike, values: ArrayLike) -> tuple[Matrix, Matrix]:
    times = np.asarray(timestamps, dtype=np.float64)
    matrix = np.asarray(values, dtype=np.float64)
    if times.ndim != 1 or matrix.ndim != 2 or matrix.shape[1] != len(times):  # noqa: PLR2004
        raise ValueError(
            f"timestamps {times.shape} and values {matrix.shape} do not fit; "
            "give (time,) and (series, time)"
        )
    if not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError("timestamps must be numbers that do not decrease")
    if len(times) and not EARLIEST <= times[0] <= times[-1] <= LATEST:
        raise ValueError(
            f"timestamps from {times[0]} to {times[-1]} are no epoch seconds; "
            "divide milliseconds by 1000"
        )
    return times, matrix


def _turned(judged: Judged, shape: tuple[int, ...]) -> Replay:
    """From (time, series) to (series, time)."""

    def turned(block: NDArray[T]) -> NDArray[T]:
        return block.reshape(shape) if len(block) == 1 else np.ascontiguousarray(block.T)

    return Replay(
        turned(judged.score),
        turned(judged.alerting),
        turned(judged.expected),
        turned(judged.lower),
        turned(judged.upper),
        {name: turned(view) for name, view in judged.views.items()},
        turned(judged.another),
    )


def _gathered(parts: Iterable[Judged], shape: tuple[int, ...]) -> Replay:
    """What is said of some series each as one; no more than one is held beside the whole."""
    whole: dict[str, NDArray[Any]] = {}
    first = 0
    for part in parts:
        blocks = {name: getattr(part, name) for name in BLOCKS} | dict(part.views)
        for name, block in blocks.items():
            if name not in whole:
                whole[name] = np.empty(shape, block.dtype)
            whole[name][first : first + block.shape[1]] = block.T
        first += part.score.shape[1]
    return Replay(**{name: whole.pop(name) for name in BLOCKS}, views=whole)


Verdicts = NDArray[np.bool_]


def detect_zscore(values: ArrayLike, threshold: float = 3.0) -> Verdicts:
    """Points more than `threshold` standard deviations from the mean of their past."""
    return _verdicts(values, "zscore", zscore_threshold=threshold)


def detect_moving_average(
    values: ArrayLike, window: int = 10, threshold_percent: float = 30.0
) -> Verdicts:
    """Points more than `threshold_percent` off the mean of the `window` points before them."""
    return _verdicts(
        values,
        "moving_average",
        moving_average_window=window,
        moving_average_percent=threshold_percent,
    )


def detect_iqr(values: ArrayLike, factor: float = 1.5) -> Verdicts:
    """Points more than `factor` interquartile ranges outside the quartiles of their past."""
    return _verdicts(values, "iqr", iqr_factor=factor)


def detect_exponential_smoothing(
    values: ArrayLike, alpha: float = 0.3, threshold: float = 3.0
) -> Verdicts:
    """Points whose distance from the smoothed past is `threshold` times the usual error."""
    return _verdicts(
        values, "exponential_smoothing", smoothing_alpha=alpha, zscore_threshold=threshold
    )


def detect_ensemble(values: ArrayLike) -> Verdicts:
    """Points that more than half of the four methods call anomalous."""
    return _verdicts(values, "ensemble")


def _verdicts(values: ArrayLike, method: MethodName, **parameters: float) -> Verdicts:
    series = np.atleast_1d(np.asarray(values, dtype=np.float64))
    config = DetectorConfig.model_validate({"method": method, **parameters})
    verdicts: Verdicts = Detector(config).replay(np.arange(len(series)), series[None]).alerting[0]
    return verdicts
