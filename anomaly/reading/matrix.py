"""What reading brings: series on one grid of steps, and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.windows import Matrix


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
