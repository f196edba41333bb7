"""What a signal's values become before the detector sees them, and what its verdict means after.

Latency is seen in logarithms, where twice as slow is as far wherever it starts, and only where so
many requests stand behind a point that its quantile means something. A ratio of errors is seen as
the counts that it is made of: as the lowest rate that is compatible with them (the lower bound of
Wilson's score interval), so that one failure of three requests is not thirty percent. The verdict
comes back in the signal's own unit, at the number of requests that each point had.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.config.detector import DetectorConfig
from anomaly.config.signals import WatchedSignal
from anomaly.detector import THRESHOLD, Replay
from anomaly.detector.arrays import Matrix
from anomaly.incidents.track import Flags, Judged

CERTAINTY = 2.0
"""Standard errors between an error ratio and the lowest rate it is compatible with: 95 %."""

LARGEST = 1e30
"""Values end here, so that nothing made of them is beyond what numbers can say."""

Look = Callable[[Matrix, Matrix | None], Matrix]
"""Values as something else, given the requests behind them."""


@dataclass(frozen=True)
class Scale:
    """How values look to the detector, and which value it is that looks so."""

    seen: Look
    meant: Look


def _logarithm(values: Matrix, _: Matrix | None) -> Matrix:
    """What is zero or less has none."""
    return np.log(values, out=np.full_like(values, np.nan), where=values > 0)


def _power(seen: Matrix, _: Matrix | None) -> Matrix:
    with np.errstate(over="ignore"):
        return np.exp(seen)


def _lower_bound(values: Matrix, requests: Matrix | None) -> Matrix:
    """Of a ratio the lowest rate that is compatible with its counts, by Wilson."""
    if requests is None:
        return values
    ratio, square = np.clip(values, 0.0, 1.0), CERTAINTY**2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        reach = CERTAINTY * np.sqrt(ratio * (1 - ratio) / requests + square / (4 * requests**2))
        bound = (ratio + square / (2 * requests) - reach) / (1 + square / requests)
    return np.clip(bound, 0.0, ratio)


def _bounded_ratio(seen: Matrix, requests: Matrix | None) -> Matrix:
    """The ratio that has this bound: the score interval, solved for its other end."""
    if requests is None:
        return seen
    rate = np.clip(seen, 0.0, 1.0)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return seen + CERTAINTY * np.sqrt(rate * (1 - rate) / requests)


PLAIN = Scale(lambda values, _: values, lambda seen, _: seen)
LOGARITHMIC = Scale(_logarithm, _power)
COUNTED = Scale(_lower_bound, _bounded_ratio)


@dataclass(frozen=True)
class Preparation:
    """Both ways between a signal's values and what the detector sees."""

    signal: WatchedSignal
    scale: Scale

    @classmethod
    def of(cls, signal: WatchedSignal) -> "Preparation":
        """As the kind of the signal asks for."""
        if signal.kind == "errors":
            return cls(signal, COUNTED)
        return cls(signal, LOGARITHMIC if signal.logarithmic else PLAIN)

    def config(self, config: DetectorConfig) -> DetectorConfig:
        """The detector's configuration, with what matters of this signal as the detector sees it.

        In logarithms a share of the expected is a distance.
        """
        signal = self.signal
        absolute = signal.minimum_absolute_deviation
        relative = signal.minimum_relative_deviation
        if signal.logarithmic:
            absolute, relative = float(np.log1p(relative)), 0.0
        return config.model_copy(
            update={
                "direction": signal.direction,
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
            known=np.isfinite(replay.score) | ~replay.alerting,
        )

    def _matters(self, values: Matrix, requests: Matrix | None, expected: Matrix) -> Flags:
        """Where values lie on the side that counts, and far enough to make a difference."""
        signal = self.signal
        with np.errstate(invalid="ignore", over="ignore"):
            distance = np.abs(values - expected)
            matters: Flags = (
                (distance >= signal.minimum_absolute_deviation)
                & (distance >= signal.minimum_relative_deviation * np.abs(expected))
                & (np.maximum(np.abs(values), np.abs(expected)) >= signal.floor)
            )
            if signal.direction != "both":
                matters &= values > expected if signal.direction == "above" else values < expected
            if signal.kind == "errors" and requests is not None:
                matters &= np.rint(values * requests) >= signal.minimum_errors
        return matters
