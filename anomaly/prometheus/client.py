"""Asking Prometheus, or what speaks its query API, for series.

One question brings all series of a query; a range that is too long for one is asked for in parts.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from anomaly.config.endpoint import Connection
from anomaly.detector.arrays import Matrix
from anomaly.errors import (
    AnswerTooLarge,
    MalformedAnswer,
    Refused,
    ServerError,
    Unreachable,
)
from anomaly.labels import METRIC, selector
from anomaly.prometheus.answer import Keep, Labels, Remarks, Vector, take_apart
from anomaly.transport.client import Client, Request


@dataclass(frozen=True)
class QueryCost:
    """What a query cost those who asked and those who answered."""

    requests: int = 0
    """HTTP requests, repeated ones too."""

    samples: int = 0
    received_bytes: int = 0
    """Length of the answers, decompressed."""

    queryable_samples: int = 0
    """Samples that the server had to look at; 0 where it does not tell."""

    def __add__(self, other: "QueryCost") -> "QueryCost":
        both = zip(astuple(self), astuple(other), strict=True)
        return QueryCost(*(mine + theirs for mine, theirs in both))


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

    degraded: bool = False
    """Whether series or samples may be missing that exist. What is absent here may not be absent:
    report no outage from it and learn nothing from it."""

    dropped: int = 0
    """Series that were left out because there were more than allowed."""

    cost: QueryCost = QueryCost()


class Grid:
    """Series on the steps from the first to the last."""

    def __init__(self, first: int, length: int, step: int, *, most: int) -> None:
        """Without any series yet, and with room for so many; steps count since the epoch."""
        self._first, self._length, self._step = first, length, step
        self._most = most
        self._rows: dict[tuple[tuple[str, str], ...], Vector] = {}
        self._dropped: set[int] = set()

    @property
    def dropped(self) -> int:
        """Series that there was no room for."""
        return len(self._dropped)

    def place(self, labels: Labels, times: Vector, values: Vector) -> None:
        """Put samples of a series, by their epoch seconds, where they belong.

        Samples may come in any order; of several for one step the last one counts.
        """
        key = tuple(sorted(labels.items()))
        if key not in self._rows and len(self._rows) == self._most:
            self._dropped.add(hash(key))
            return
        row = self._rows.setdefault(key, np.full(self._length, np.nan))
        steps = np.rint(times / self._step) - self._first
        inside = (steps >= 0) & (steps < self._length)
        row[steps[inside].astype(np.intp)] = np.where(np.isfinite(values), values, np.nan)[inside]

    @property
    def series(self) -> tuple[Matrix, tuple[Labels, ...]]:
        """The matrix and the labels of its rows."""
        values = np.reshape([*self._rows.values()], (len(self._rows), self._length))
        return values, tuple(dict(key) for key in self._rows)


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
        self._client = Client(connection, connection.url, most_bytes=connection.max_response_bytes)

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
            ServerError: of the kind that says what is the matter.
            SettingsError: a secret or a certificate cannot be read.
        """
        first, end_step = int(start // step), int(end // step) + 1
        if end_step <= first:
            raise ValueError(f"the range ends at {end:.0f}, before it starts at {start:.0f}")
        requests, received = self._client.requests, self._client.received_bytes
        limit = self._connection.max_series
        grid = Grid(first, end_step - first, step, most=limit)
        remarks: list[Remarks] = []
        cut = self._read(
            query,
            range(first, end_step),
            step,
            lambda answer: remarks.append(take_apart(answer, grid.place, keep)),
        )
        cost = QueryCost(
            requests=self._client.requests - requests,
            samples=sum(each.samples for each in remarks),
            received_bytes=self._client.received_bytes - received,
            queryable_samples=sum(each.queryable_samples for each in remarks),
        )
        said = tuple(dict.fromkeys(line for each in remarks for line in each.warnings))
        is_partial = any(each.partial for each in remarks)
        values, labels = grid.series
        return SeriesMatrix(
            timestamps=np.arange(first, end_step, dtype=np.float64) * step,
            values=values,
            labels=labels,
            warnings=(*said, *_own_warnings(remarks, is_partial, grid.dropped, limit), *cut),
            # Of the expression a server may warn; the answer to it is whole.
            degraded=is_partial
            or grid.dropped > 0
            or not all(line.startswith(OF_THE_QUERY) for line in said),
            dropped=grid.dropped,
            cost=cost,
        )

    def ahead_seconds(self) -> float:
        """How far this machine's clock is ahead of the server's; one question tells.

        What is asked of a time that has not come yet has no samples, which looks like an outage.
        """
        try:
            self.query_range("vector(1)", start=0, end=0, step=1)
        except ServerError:
            return 0.0  # whatever is the matter, the signals will say so
        return self._client.ahead_seconds

    def _read(
        self, query: str, steps: range, step: int, take: Callable[[bytearray], None]
    ) -> tuple[str, ...]:
        """Ask part by part; what there is to say where parts had to be smaller."""
        points, cut, begin = self._connection.max_points_per_query, False, 0
        while asked := steps[begin : begin + points]:
            try:
                take(self._ask(query, asked, step))
            except AnswerTooLarge as error:
                if len(asked) == 1:
                    raise AnswerTooLarge(
                        f"{error} for a single step; narrow the query, or raise max_response_bytes"
                    ) from None
                points, cut = -(-len(asked) // SMALLER), True
            except MalformedAnswer as error:
                raise MalformedAnswer(f"{self._connection.url}: {error}") from None
            else:
                begin += len(asked)
        told = f"answers were too long and asked for again; set max_points_per_query to {points}"
        return (told,) if cut else ()

    def _ask(self, query: str, steps: range, step: int) -> bytearray:
        form = {
            **self._connection.parameters,
            "query": query,
            "start": str(steps[0] * step),
            "end": str(steps[-1] * step),
            "step": str(step),
            "timeout": f"{self._connection.timeout_seconds * SERVER_SHARE:g}",
            "stats": "all",
        }
        if monotonic() >= self._deadline:
            raise Unreachable(f"nothing more is asked: reading took {self._budget:.0f} s")
        try:
            request = Request(form, path="/api/v1/query_range")
            return self._client.exchange(request, deadline=self._deadline)
        except Refused as refused:
            if TOO_MUCH_AT_ONCE not in str(refused):
                raise
            raise Refused(
                f"{refused}; {len(steps)} steps were asked for at once: set max_points_per_query "
                "to fewer, or narrow the query"
            ) from None


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
    histograms = dict.fromkeys(
        selector(labels.get(METRIC, ""), labels) for each in remarks for labels in each.histograms
    )
    if histograms:
        names = ", ".join(list(histograms)[:MOST_NAMED])
        more = len(histograms) - MOST_NAMED
        warnings.append(
            f"native histograms are no numbers and were left out: {names}"
            + (f" and {more} more" if more > 0 else "")
            + "; take histogram_quantile(), histogram_avg() or histogram_count() of them"
        )
    return tuple(warnings)
