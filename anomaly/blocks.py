"""The series of a signal as they come to be judged: block after block of time, this shard's only.

A block holds so many steps that its samples fit into memory, however many series there are. Which
series are looked at is decided once: those that were before, then those with the most traffic.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anomaly.labels import Identity, identity
from anomaly.reading.answer import Keep
from anomaly.reading.matrix import QueryCost, SeriesMatrix
from anomaly.shards import Shard
from anomaly.signals import WatchedSignal
from anomaly.windows import Matrix

BLOCK_SAMPLES = 2_000_000
"""Samples of a block; 16 MiB, of which a few copies are made."""

MOST_STEPS = 10_000
"""Steps of a block."""

FIRST_STEPS = 12
"""Steps of the first block of a signal of which nobody knows how many series it has."""

COMPANION_SAMPLES = 8_000_000
"""Samples of traffic that are kept for the next signal that is gated on the same."""

SHARD_VARIABLE = "$shard"
"""Stands in a query for the shard's number, where relabelling has given the series a label for it:
the server then brings the shard's series only."""

SHARDS_VARIABLE = "$shards"
"""Stands for the number of shards."""

Key = tuple[tuple[str, str], ...]
"""All labels of a series, in order."""


class Source(Protocol):
    """Where series are read."""

    def query_range(
        self, query: str, *, start: float, end: float, step: int, keep: Keep = ...
    ) -> SeriesMatrix:
        """All series of a query, at every step of a range of time."""


@dataclass(frozen=True)
class Block:
    """Some steps of a signal."""

    timestamps: NDArray[np.float64]
    """(time,), epoch seconds."""

    keys: tuple[Key, ...]
    """Which series."""

    values: Matrix
    """(series, time); NaN where nothing is."""

    traffic: Matrix | None
    """Requests per second behind each value; None where the signal has no such query."""

    degraded: bool
    """Whether something may be missing that exists."""

    warnings: tuple[str, ...]
    cost: QueryCost


def key_of(labels: Mapping[str, str]) -> Key:
    """All labels, in order."""
    return tuple(sorted(labels.items()))


class Companions:
    """What was read of traffic, for the next signal that needs the same."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read: dict[tuple[str, float, float, int], SeriesMatrix] = {}

    def read(self, query: str, start: float, end: float, step: int, keep: Keep) -> SeriesMatrix:
        """The series of a query of traffic."""
        asked = (query, start, end, step)
        if asked not in self._read:
            matrix = self._source.query_range(query, start=start, end=end, step=step, keep=keep)
            kept = sum(known.values.size for known in self._read.values())
            if kept + matrix.values.size > COMPANION_SAMPLES:
                self._read.clear()
            self._read[asked] = matrix
        return self._read[asked]


class Blocks:
    """Reads one signal for one shard."""

    def __init__(
        self,
        source: Source,
        companions: Companions,
        signal: WatchedSignal,
        *,
        step: int,
        shard: Shard,
        most_series: int,
        known: Collection[Key] = (),
    ) -> None:
        """Prepare to read; nothing is asked yet.

        Args:
            source: where series are read.
            companions: where traffic is read.
            signal: what is read.
            step: seconds.
            shard: whose series are wanted.
            most_series: how many series are looked at.
            known: series that were looked at before; they are looked at again.
        """
        self._source, self._companions = source, companions
        self._signal, self._step, self._shard = signal, step, shard
        self._most = most_series
        self._admitted = set(known)
        self._refused: set[Key] = set()
        self._settled = bool(known)

    @property
    def dropped(self) -> int:
        """Series of the newest block that were left out because there are too many."""
        return len(self._refused)

    def read(self, first: float, last: float) -> Iterator[Block]:
        """The steps from the first to the last, in blocks.

        Raises:
            PrometheusError: what came before it is good.
        """
        steps = self._steps()
        begin = first
        while begin <= last:
            end = min(begin + (steps - 1) * self._step, last)
            yield self._block(begin, end)
            begin, steps = end + self._step, self._steps()

    def _steps(self) -> int:
        if not self._settled:
            return FIRST_STEPS
        return int(np.clip(BLOCK_SAMPLES // max(len(self._admitted), 1), 1, MOST_STEPS))

    def _block(self, start: float, end: float) -> Block:
        self._refused.clear()
        series = self._source.query_range(
            self._filled(self._signal.query), start=start, end=end, step=self._step, keep=self._keep
        )
        keys = tuple(map(key_of, series.labels))
        traffic, heavy, companion = self._traffic(keys, start, end, series)
        if not self._settled:
            self._settle(keys, heavy)
        chosen = np.array([key in self._admitted for key in keys], dtype=np.bool_)
        everything = bool(chosen.all())
        return Block(
            timestamps=series.timestamps,
            keys=keys if everything else tuple(key for key in keys if key in self._admitted),
            values=series.values if everything else series.values[chosen],
            traffic=traffic if everything or traffic is None else traffic[chosen],
            degraded=series.degraded or companion.degraded,
            warnings=(*series.warnings, *companion.warnings),
            cost=series.cost + companion.cost,
        )
