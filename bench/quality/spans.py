"""Runs of true values in a mask, as what labels and alerts are made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Spans:
    """Spans of indices in ascending order; both ends belong to the span."""

    first: Indices
    """Where each begins."""

    last: Indices
    """Where each ends."""

    def __len__(self) -> int:
        return len(self.first)

    def __iter__(self) -> "zip[tuple[int, int]]":
        return zip(self.first.tolist(), self.last.tolist(), strict=True)


def runs(mask: ArrayLike) -> Spans:
    """Return the runs of nonzero values."""
    edges = np.diff(np.asarray(mask).astype(bool).astype(np.int8), prepend=0, append=0)
    return Spans(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1)


def merged(spans: Spans, gap: int = 0) -> Spans:
    """Join spans that overlap, or of which one begins at most `gap` points after the other ends."""
    if not len(spans):
        return spans
    last = np.maximum.accumulate(spans.last)
    parted = spans.first[1:] - last[:-1] > gap
    return Spans(
        spans.first[np.concatenate(([True], parted))], last[np.concatenate((parted, [True]))]
    )
