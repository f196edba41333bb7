"""A world of series that a run can read, without a server: what they are is a function of time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from anomaly.errors import ServerError, Unreachable
from anomaly.prometheus.client import QueryCost, SeriesMatrix
from anomaly.sinks.remote_write import Written
from anomaly.sinks.sink import Context, Message, Sink

Labels = Mapping[str, str]
Values = Callable[[np.ndarray], np.ndarray]

STEP = 300
NOW = 1_700_000_100.0  # a multiple of 300 is 1_700_000_100
DAY = 86_400


def noise(seed: int, *, mean: float = 100.0, spread: float = 2.0) -> Values:
    """Normal noise that is the same at the same time, whenever it is asked for."""
    base = np.random.default_rng(seed).normal(mean, spread, 1 << 14)

    def values(times: np.ndarray) -> np.ndarray:
        return base[(times // STEP).astype(np.int64) % len(base)]

    return values


def spoilt(values: Values, begin: float, end: float, to: float) -> Values:
    """The same but for a span of time."""
    return lambda times: np.where((times >= begin) & (times < end), to, values(times))


@dataclass
class World:
    """Answers range queries, and remembers them."""

    series: dict[str, dict[tuple[tuple[str, str], ...], Values]] = field(default_factory=dict)
    """By query and labels."""

    asked: list[tuple[str, float, float]] = field(default_factory=list)
    failing: dict[str, ServerError] = field(default_factory=dict)
    """What a query meets instead of an answer."""

    degraded: bool = False
    degraded_from: float = 0.0
    """Answers that end before are whole all the same."""

    def add(self, query: str, labels: Labels, values: Values) -> None:
        self.series.setdefault(query, {})[tuple(sorted(labels.items()))] = values

    def query_range(self, query, *, start, end, step, keep=lambda _: True) -> SeriesMatrix:
        self.asked.append((query, start, end))
        if query in self.failing:
            raise self.failing[query]
        times = np.arange(start, end + 1, step, dtype=np.float64)
        known = self.series.get(query, {})
        found = [(dict(key), own(times)) for key, own in known.items() if keep(dict(key))]
        found = [(labels, values) for labels, values in found if np.isfinite(values).any()]
        degraded = self.degraded and end >= self.degraded_from
        values = np.array([values for _, values in found]).reshape(len(found), len(times))
        return SeriesMatrix(
            times,
            values,
            tuple(labels for labels, _ in found),
            warnings=("store gateway is away",) if degraded else (),
            degraded=degraded,
            cost=QueryCost(requests=1, samples=int(np.isfinite(values).sum())),
        )


class Ears(Sink):
    """Somebody who is told, in this process."""

    name = "ears"

    def __init__(self, *, deaf: bool = False) -> None:
        super().__init__(Context("test", 600.0), 60.0)
        self.deaf = deaf
        self.opened: list[str] = []
        self.resolved: list[str] = []
        self.missed: list[str] = []

    def compose(self, alerts, told, *, now):
        del now
        news = told.news(self.name, alerts, "info")
        kinds = {"opened": news.opened, "resolved": news.resolved, "missed": news.missed}
        return tuple(
            Message(f"{kind} {alert.signal} of {alert.service}".encode(), tells=(alert,))
            for kind, several in kinds.items()
            for alert in several
        )

    def doors(self):
        if self.deaf:
            raise Unreachable("nobody listens")

        def post(message, _deadline):
            kind, _, what = message.body.decode().partition(" ")
            getattr(self, kind).append(what)

        return (post,)


class Pen:
    """Where scores are written, in this process."""

    def __init__(self) -> None:
        self.blocks = []
        self.error = None

    def send(self, blocks):
        if self.error:
            return Written(1, error=self.error, finished=False)
        blocks = list(blocks)
        self.blocks += blocks
        return Written(1, sum(int(block.written().sum()) for block in blocks))


@dataclass(frozen=True)
class Clock:
    """Moments of runs, ten minutes apart."""

    now: float = NOW

    def later(self, runs: int = 1) -> "Clock":
        return replace(self, now=self.now + runs * 600)
