"""The series of a signal as they come to be judged: block after block of time, this shard's only.

A block holds so many steps that its samples fit into memory, however many series there are. Which
series are looked at is decided once: those that were before, then those with the most traffic of
late.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anomaly.config.signals import WatchedSignal
from anomaly.detector.arrays import Matrix
from anomaly.labels import Identity, identity
from anomaly.prometheus.answer import Keep
from anomaly.prometheus.client import QueryCost, SeriesMatrix
from anomaly.settings import CANDIDATES, Settings

BLOCK_SAMPLES = 2_000_000
"""Samples of a block; 16 MiB, of which a few copies are made."""

MOST_STEPS = 10_000
"""Steps of a block."""

FIRST_STEPS = 12
"""Steps of the first block of a signal of which nobody knows how many series it has."""

COMPANION_SAMPLES = 4_000_000
"""Samples of traffic that are kept for the next signal that is gated on the same."""

SHARD_VARIABLE = "$shard"
"""Stands in a query for the shard's number, where relabelling has given the series a label for it:
the server then brings the shard's series only."""

SHARDS_VARIABLE = "$shards"
"""Stands for the number of shards."""

NO_COST = QueryCost()

Key = tuple[tuple[str, str], ...]
"""All labels of a series, in order."""


class Source(Protocol):
    """Where series are read."""

    def query_range(
        self, query: str, *, start: float, end: float, step: int, keep: Keep = ...
    ) -> SeriesMatrix:
        """The series of a query that are to be kept, at every step of a range of time."""


@dataclass(frozen=True)
class Block:
    """Some steps of a signal."""

    timestamps: NDArray[np.float64]
    keys: tuple[Key, ...]
    values: Matrix
    """(series, time); NaN where nothing is."""

    traffic: Matrix | None
    """Requests per second behind each value; None where the signal has no such query."""

    degraded: bool
    """Whether something may be missing that exists, so that nothing of it is judged."""

    warnings: tuple[str, ...] = ()
    cost: QueryCost = NO_COST

    partial: bool = False
    """Whether something may be missing that exists, and what is there is judged all the same."""


def key_of(labels: Mapping[str, str]) -> Key:
    """All labels, in order."""
    return tuple(sorted(labels.items()))


class Companions:
    """What was read of traffic, for the next signal that needs the same."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read: dict[tuple[str, float, float], SeriesMatrix] = {}

    def read(self, query: str, *, start: float, end: float, step: int, keep: Keep) -> SeriesMatrix:
        """The series of a query of traffic."""
        asked = (query, start, end)
        if asked not in self._read:
            matrix = self._source.query_range(query, start=start, end=end, step=step, keep=keep)
            held = sum(other.values.size for other in self._read.values())
            if held + matrix.values.size > COMPANION_SAMPLES:
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
        settings: Settings,
        known: Collection[Key] = (),
    ) -> None:
        """Nothing is asked yet; series that are known from before are looked at again."""
        self._source, self._companions, self._signal = source, companions, signal
        self._step, self._shard = settings.step_seconds, settings.shard
        self._most = settings.max_series
        self._admitted = set(known)
        self._settled = bool(known)
        self._refused: set[Key] = set()

    @property
    def dropped(self) -> int:
        """Series that were left out of the newest block because there are too many."""
        return len(self._refused)

    def read(self, first: float, last: float) -> Iterator[Block]:
        """The steps from the first to the last, in blocks.

        Raises:
            ServerError: the next block cannot be had; those before it are good.
        """
        if not self._settled and first <= last:
            self._choose(last)
        begin = first
        while begin <= last:
            end = min(begin + (self._steps() - 1) * self._step, last)
            yield self._block(begin, end)
            begin = end + self._step

    def _steps(self) -> int:
        if not self._settled:
            return FIRST_STEPS
        return min(max(BLOCK_SAMPLES // max(len(self._admitted), 1), 1), MOST_STEPS)

    def _choose(self, newest: float) -> None:
        """Decide which series are looked at: those with the most traffic of late.

        Where there are none of late, the first block that has some decides.
        """
        start = newest - (FIRST_STEPS - 1) * self._step
        series = self._asked(self._signal.query, start, newest, self._own(self._signal.query))
        traffic, _ = self._traffic(series)
        keys = tuple(map(key_of, series.labels))
        self._settle(keys, series.values if traffic is None else traffic)
        self._refused.clear()

    def _block(self, start: float, end: float) -> Block:
        self._refused.clear()
        query = self._signal.query
        series = self._asked(query, start, end, self._wanted(query))
        keys = tuple(map(key_of, series.labels))
        traffic, companion = self._traffic(series)
        if not self._settled:
            self._settle(keys, traffic if traffic is not None else series.values)
        chosen = np.array([key in self._admitted for key in keys], dtype=np.bool_)
        whole = bool(chosen.all())
        return Block(
            timestamps=series.timestamps,
            keys=keys if whole else tuple(key for key in keys if key in self._admitted),
            values=series.values if whole else series.values[chosen],
            traffic=traffic if whole or traffic is None else traffic[chosen],
            # Where traffic was left out nothing is judged; that is no reason to judge nothing.
            degraded=series.degraded or (companion.degraded and not companion.dropped),
            warnings=(*series.warnings, *companion.warnings),
            cost=series.cost + companion.cost,
        )

    def _asked(self, query: str, start: float, end: float, keep: Keep) -> SeriesMatrix:
        filled = self._filled(query)
        return self._source.query_range(filled, start=start, end=end, step=self._step, keep=keep)

    def _own(self, query: str) -> Keep:
        """Whether a series is this shard's; all are where the server has seen to it."""
        shared_out = SHARD_VARIABLE in query
        return lambda labels: shared_out or self._shard.holds(labels)

    def _wanted(self, query: str) -> Keep:
        """Whether a series is this shard's and there is room for it."""
        own = self._own(query)

        def wanted(labels: Mapping[str, str]) -> bool:
            key = key_of(labels)
            if key in self._admitted:
                return True
            if not own(labels):
                return False
            room = self._most * (1 if self._settled else CANDIDATES)
            if len(self._admitted) >= room:
                self._refused.add(key)
                return False
            self._admitted.add(key)
            return True

        return wanted

    def _settle(self, keys: tuple[Key, ...], weights: Matrix) -> None:
        """Decide which series are looked at: those that weigh most."""
        if not keys:
            return
        totals = np.nansum(np.where(np.isfinite(weights), weights, 0.0), axis=1)
        heaviest = np.argsort(-totals, kind="stable")
        self._refused.update(keys[row] for row in heaviest[self._most :])
        self._admitted = {keys[row] for row in heaviest[: self._most]}
        self._settled = True

    def _traffic(self, series: SeriesMatrix) -> tuple[Matrix | None, SeriesMatrix]:
        """Requests per second behind each value, and the answer that said so."""
        query, times = self._signal.traffic, series.timestamps
        nothing = SeriesMatrix(times, np.empty((0, len(times))), ())
        if query is None:
            return None, nothing
        if not series.labels:
            return series.values, nothing
        answer = self._companions.read(
            self._filled(query),
            start=float(times[0]),
            end=float(times[-1]),
            step=self._step,
            keep=self._own(query),
        )
        return _beside(series, answer), answer

    def _filled(self, query: str) -> str:
        counted = query.replace(SHARDS_VARIABLE, str(self._shard.count))
        return counted.replace(SHARD_VARIABLE, str(self._shard.index))


def _beside(series: SeriesMatrix, traffic: SeriesMatrix) -> Matrix:
    """The traffic of each series: its own, or that of all pods of what it is of."""
    own: dict[Identity, int] = {}
    whole: dict[Identity, list[int]] = {}
    for row, labels in enumerate(traffic.labels):
        own[_named(labels)] = row
        whole.setdefault(identity(labels), []).append(row)
    found = np.full(series.values.shape, np.nan)
    for row, labels in enumerate(series.labels):
        mine = own.get(_named(labels))
        rows = whole.get(identity(labels), []) if mine is None else [mine]
        if rows:
            there = traffic.values[rows]
            known = np.isfinite(there)
            found[row] = np.where(
                known.any(axis=0), np.where(known, there, 0.0).sum(axis=0), np.nan
            )
    return found


def _named(labels: Mapping[str, str]) -> Identity:
    """All labels but the metric's name, in order."""
    return tuple(sorted((name, value) for name, value in labels.items() if name != "__name__"))
