"""What a signal's values become before the detector sees them, and what its verdict means after.

Latency is seen in logarithms, where twice as slow is as far wherever it starts, and only where so
many requests stand behind a point that its quantile means something. A ratio of errors is seen as
the counts that it is made of: as the lowest rate that is compatible with them (the lower bound of
Wilson's score interval), so that one failure of three requests is not thirty percent. The verdict
comes back in the signal's own unit, at the number of requests that each point had.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig
from anomaly.config.signals import WatchedSignal
from anomaly.detector import THRESHOLD, Replay
from anomaly.detector.arrays import Matrix

CERTAINTY = 2.0
"""Standard errors between an error ratio and the lowest rate it is compatible with: 95 %."""

LARGEST = 1e30
"""Values end here, so that nothing made of them is beyond what numbers can say."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """What the detector said of a block of points, in the signal's own unit; (series, time)."""

    timestamps: NDArray[np.float64]
    """(time,), epoch seconds."""

    values: Matrix
    """What was read; NaN where nothing is."""

    score: Matrix
    """How anomalous; NaN where there was nothing to judge."""

    alerting: Flags
    """Whether an incident is open."""

    matters: Flags
    """Whether the point is an anomaly that is worth telling: on the side that counts, and by so
    much, at such a size, that it makes a difference."""

    expected: Matrix
    lower: Matrix
    upper: Matrix

    views: Mapping[str, Matrix]
    """Score by view."""

    another: Flags | None = None
    """Whether another incident begins there than the one that was open; None where none does."""


class Scale(Protocol):
    """How values look to the detector."""

    def seen(self, values: Matrix, requests: Matrix | None) -> Matrix:
        """What the detector sees of values."""

    def meant(self, seen: Matrix, requests: Matrix | None) -> Matrix:
        """The value that the detector sees so."""


class Plain:
    """As they are."""

    def seen(self, values: Matrix, requests: Matrix | None) -> Matrix:  # noqa: ARG002 - the protocol
        """The values."""
        return values

    def meant(self, seen: Matrix, requests: Matrix | None) -> Matrix:  # noqa: ARG002
        """The same."""
        return seen


class Logarithmic:
    """As logarithms; what is zero or less is no such value."""

    def seen(self, values: Matrix, requests: Matrix | None) -> Matrix:  # noqa: ARG002
        """The logarithm."""
        return np.log(values, out=np.full_like(values, np.nan), where=values > 0)

    def meant(self, seen: Matrix, requests: Matrix | None) -> Matrix:  # noqa: ARG002
        """What it is the logarithm of."""
        with np.errstate(over="ignore"):
            return np.exp(seen)


class Counted:
    """A ratio as the lowest rate that is compatible with its counts."""

    def seen(self, values: Matrix, requests: Matrix | None) -> Matrix:
        """Wilson's lower bound."""
        if requests is None:
            return values
        ratio, square = np.clip(values, 0.0, 1.0), CERTAINTY**2
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            reach = CERTAINTY * np.sqrt(ratio * (1 - ratio) / requests + square / (4 * requests**2))
            bound = (ratio + square / (2 * requests) - reach) / (1 + square / requests)
        return np.clip(bound, 0.0, ratio)

    def meant(self, seen: Matrix, requests: Matrix | None) -> Matrix:
        """The ratio that has this bound: the score interval, solved for its other end."""
        if requests is None:
            return seen
        rate = np.clip(seen, 0.0, 1.0)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return seen + CERTAINTY * np.sqrt(rate * (1 - rate) / requests)


@dataclass(frozen=True)
class Preparation:
    """Both ways between a signal's values and what the detector sees."""

    signal: WatchedSignal
    scale: Scale

    @classmethod
    def of(cls, signal: WatchedSignal) -> "Preparation":
        """As the kind of the signal asks for."""
        if signal.kind == "errors":
            return cls(signal, Counted())
        return cls(signal, Logarithmic() if signal.in_logarithms else Plain())

    def config(self, config: DetectorConfig) -> DetectorConfig:
        """The detector's configuration, with what matters of this signal as the detector sees it.

        In logarithms a share of the expected is a distance.
        """
        absolute, relative = self.signal.least_absolute, self.signal.least_relative
        if isinstance(self.scale, Logarithmic):
            absolute, relative = float(np.log1p(relative)), 0.0
        return config.model_copy(
            update={
                "direction": self.signal.side,
                # Every score is to be that of its own point: how large an incident is, and how
                # long it lasts, is told by them.
                "peak_hold": False,
                "min_absolute_deviation": absolute,
                "min_relative_deviation": relative,
            }
        )

    def requests(self, traffic: Matrix | None) -> Matrix | None:
        """Requests behind each point, of requests per second."""
        if traffic is None:
            return None
        return np.clip(traffic, 0.0, LARGEST) * self.signal.window_seconds

    def seen(self, values: Matrix, traffic: Matrix | None) -> Matrix:
        """What the detector is to see; NaN where too few requests say anything."""
        requests = self.requests(traffic)
        finite = np.clip(np.where(np.isfinite(values), values, np.nan), -LARGEST, LARGEST)
        if requests is not None:
            with np.errstate(invalid="ignore"):
                finite = np.where(requests >= self.signal.least_requests, finite, np.nan)
        return self.scale.seen(finite, requests)

    def judged(
        self,
        timestamps: NDArray[np.float64],
        values: Matrix,
        traffic: Matrix | None,
        replay: Replay,
    ) -> Judged:
        """The detector's verdict in the signal's own unit."""
        requests = self.requests(traffic)
        edges = (replay.expected, replay.lower, replay.upper)
        expected, lower, upper = (self.scale.meant(edge, requests) for edge in edges)
        return Judged(
            timestamps=timestamps,
            values=values,
            score=replay.score,
            alerting=replay.alerting,
            another=replay.another,
            matters=replay.alerting
            & (np.nan_to_num(replay.score) > THRESHOLD)
            & self._matters(values, requests, expected),
            expected=expected,
            lower=lower,
            upper=upper,
            views=replay.views,
        )

    def _matters(self, values: Matrix, requests: Matrix | None, expected: Matrix) -> Flags:
        """Where values lie on the side that counts, and far enough to make a difference."""
        signal = self.signal
        with np.errstate(invalid="ignore", over="ignore"):
            distance = np.abs(values - expected)
            matters: Flags = (
                (distance >= signal.least_absolute)
                & (distance >= signal.least_relative * np.abs(expected))
                & (np.maximum(values, expected) >= signal.least_value)
            )
            if signal.side != "both":
                matters &= values > expected if signal.side == "above" else values < expected
            if signal.kind == "errors" and requests is not None:
                matters &= np.rint(values * requests) >= signal.minimum_errors
        return matters
