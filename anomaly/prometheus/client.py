"""Asking Prometheus, or what speaks its query API, for series.

One question brings all series of a query; a range that is too long for one is asked for in parts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly.config.endpoint import Connection
from anomaly.detector.arrays import Matrix
from anomaly.errors import (
    AnswerTooLarge,
    MalformedAnswer,
    Overloaded,
    PrometheusError,
    QueryRefused,
    Unreachable,
)
from anomaly.prometheus.answer import Keep, Labels, Remarks, Vector, take_apart
from anomaly.transport.client import Chunks, Client, Failures, Request


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


FAILURES = Failures(Unreachable, Overloaded, QueryRefused, AnswerTooLarge)

SERVER_SHARE = 0.9
"""The server gives up before we do, so that it does not work for nobody."""

TOO_MUCH_AT_ONCE = "too many samples"
"""What Prometheus and Thanos say of a query that needs more memory than one may have."""

OF_THE_QUERY = "PromQL warning:"
"""How Prometheus, and all that have its engine, begin what they remark on an expression."""

SMALLER = 4
"""An answer that is too long is asked for again in so many parts."""

MOST_NAMED = 3
"""Series that a warning names; it counts the others."""


@dataclass(frozen=True)
class _Range:
    """What is asked for; steps are counted since the epoch."""

    query: str
    first: int
    last: int
    step: int

    @property
    def length(self) -> int:
        """How many steps."""
        return self.last - self.first + 1

    def part(self, first: int, last: int) -> Self:
        """Some of the steps."""
        return replace(self, first=first, last=last)

    def form(self) -> Mapping[str, str]:
        """As the API takes it."""
        return {
            "query": self.query,
            "start": str(self.first * self.step),
            "end": str(self.last * self.step),
            "step": str(self.step),
        }


class _Part:
    """Steps of a grid that one question is about."""

    def __init__(self, begin: int, end: int, grid: Grid, keep: Keep) -> None:
        self._begin, self._end = begin, end
        self._grid, self._keep = grid, keep

    def read(self, chunks: Chunks) -> Remarks:
        """Fill them; what an attempt that broke off has left is taken away first."""
        self._grid.forget(self._begin, self._end)
        return take_apart(chunks, self._grid.place, self._keep)


class Prometheus:
    """A Prometheus server."""

    def __init__(self, connection: Connection, budget_seconds: float = math.inf) -> None:
        """Nothing is asked yet.

        Args:
            connection: how it is reached.
            budget_seconds: time for all that is ever asked; what comes later fails at once.
        """
        self._connection = connection
        self._budget, self._deadline = budget_seconds, monotonic() + budget_seconds
        self._client = Client(
            connection, connection.url, FAILURES, most_bytes=connection.max_response_bytes
        )

    def query_range(
        self,
        query: str,
        *,
        start: float,
        end: float,
        step: int,
        keep: Keep = lambda _: True,
    ) -> SeriesMatrix:
        """Ask for a range of time, in as many questions as it takes.

        The newest steps are not complete yet when rates are still being taken and samples still on
        their way; an `end` a minute or two in the past avoids them.

        Args:
            query: PromQL.
            start: epoch seconds of the first step; rounded down to a multiple of `step`.
            end: epoch seconds of the last step; rounded down likewise.
            step: seconds.
            keep: says of the labels of a series whether it is wanted; others take no memory.

        Raises:
            PrometheusError: of the kind that says what is the matter.
            SettingsError: a secret or a certificate cannot be read.
        """
        asked = _Range(query, int(start // step), int(end // step), step)
        if asked.last < asked.first:
            raise ValueError(f"the range ends at {end:.0f}, before it starts at {start:.0f}")
        begun, requests, received = monotonic(), self._client.requests, self._client.received_bytes
        limit = self._connection.max_series
        grid = Grid(asked.first, asked.length, step, most=limit)
        remarks, cut = self._read(asked, grid, keep)
        cost = QueryCost(
            requests=self._client.requests - requests,
            seconds=monotonic() - begun,
            samples=sum(each.samples for each in remarks),
            received_bytes=self._client.received_bytes - received,
            queryable_samples=sum(each.queryable_samples for each in remarks),
        )
        said = tuple(dict.fromkeys(line for each in remarks for line in each.warnings))
        partial = any(each.partial for each in remarks)
        values, labels = grid.take()
        return SeriesMatrix(
            timestamps=np.arange(asked.first, asked.last + 1, dtype=np.float64) * step,
            values=values,
            labels=labels,
            warnings=(*said, *_own_warnings(remarks, partial, grid.dropped, limit), *cut),
            infos=tuple(dict.fromkeys(line for each in remarks for line in each.infos)),
            degraded=partial or grid.dropped > 0 or not all(map(_is_of_the_query, said)),
            dropped=grid.dropped,
            cost=cost,
        )

    def ahead_seconds(self) -> float:
        """How far this machine's clock is ahead of the server's; one question tells.

        What is asked of a time that has not come yet has no samples, which looks like an outage.
        """
        try:
            self.query_range("vector(1)", start=0, end=0, step=1)
        except PrometheusError:
            return 0.0  # whatever is the matter, the signals will say so
        return self._client.ahead_seconds

    def _read(self, asked: _Range, grid: Grid, keep: Keep) -> tuple[list[Remarks], tuple[str, ...]]:
        """Ask part by part; also what there is to say of parts that had to be smaller."""
        remarks, points, cut = [], self._connection.max_points_per_query, False
        begin = asked.first
        while begin <= asked.last:
            stop = min(begin + points, asked.last + 1)
            part = _Part(begin - asked.first, stop - asked.first, grid, keep)
            try:
                remarks.append(self._ask(asked.part(begin, stop - 1), part))
            except AnswerTooLarge as error:
                if stop - begin == 1:
                    raise AnswerTooLarge(
                        f"{error} for a single step; narrow the query, or raise max_response_bytes"
                    ) from None
                points, cut = -(-(stop - begin) // SMALLER), True
                continue
            begin = stop
        told = f"answers were too long and asked for again; set max_points_per_query to {points}"
        return remarks, (told,) if cut else ()

    def _ask(self, asked: _Range, part: _Part) -> Remarks:
        form = {
            **self._connection.parameters,
            **asked.form(),
            "timeout": f"{self._connection.timeout_seconds * SERVER_SHARE:g}",
            "stats": "all",
        }
        if monotonic() >= self._deadline:
            raise Unreachable(f"nothing more is asked: reading took {self._budget:.0f} s")
        try:
            request = Request(form, path="/api/v1/query_range")
            return self._client.exchange(request, part.read, deadline=self._deadline)
        except MalformedAnswer as error:
            raise MalformedAnswer(f"{self._connection.url}: {error}") from None
        except QueryRefused as refused:
            if TOO_MUCH_AT_ONCE not in str(refused):
                raise
            raise QueryRefused(
                f"{refused}; {asked.length} steps were asked for at once: set max_points_per_query "
                "to fewer, or narrow the query"
            ) from None


def _is_of_the_query(warning: str) -> bool:
    """Whether it is the expression that a server warns of; the answer to it is whole."""
    return warning.startswith(OF_THE_QUERY)


def _own_warnings(
    remarks: list[Remarks], partial: bool, dropped: int, limit: int
) -> tuple[str, ...]:
    """What the server does not put into words."""
    warnings = []
    if partial:
        warnings.append("the server says that its answer is not complete")
    if dropped:
        warnings.append(
            f"the query has {limit + dropped} series and {limit} are allowed; {dropped} were left "
            "out: narrow it, use more shards, or raise max_series"
        )
    histograms = dict.fromkeys(_name(labels) for each in remarks for labels in each.histograms)
    if histograms:
        names = ", ".join(list(histograms)[:MOST_NAMED])
        more = len(histograms) - MOST_NAMED
        warnings.append(
            f"native histograms are no numbers and were left out: {names}"
            + (f" and {more} more" if more > 0 else "")
            + "; take histogram_quantile(), histogram_avg() or histogram_count() of them"
        )
    return tuple(warnings)


def _name(labels: Labels) -> str:
    inner = ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inner}}}"
