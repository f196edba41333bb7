"""Writing series back to Prometheus, or to what takes its remote write protocol."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from anomaly.errors import AnomalyError, SinkRefused
from anomaly.results.block import Block
from anomaly.results.settings import RemoteWriteSettings
from anomaly.results.sink import FAILURES
from anomaly.results.wire import (
    Samples,
    encode_labels,
    encode_samples,
    encode_series,
    pack,
)
from anomaly.transport.client import Client, Request, everything

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

ALREADY_THERE = re.compile(r"out[ -]of[ -]order|duplicate|too[ -]old|out of bounds", re.IGNORECASE)
"""What servers say of a sample that is not newer than what they have."""

MOST_REFUSALS = 3
"""Requests that may be refused; more than that is not for what stands in them."""


@dataclass(frozen=True)
class Written:
    """What became of the series of a run."""

    requests: int = 0
    """HTTP requests, repeated ones too."""

    samples: int = 0
    """Samples that the server took."""

    repeated: int = 0
    """Samples that were not newer than what it had; those of a run that was interrupted."""

    error: AnomalyError | None = None
    """What went wrong, if anything; the first of several."""


class RemoteWrite:
    """A receiver of series."""

    name = "remote_write"

    def __init__(self, settings: RemoteWriteSettings) -> None:
        self._settings = settings

    def send(self, blocks: Iterable[Block]) -> Written:
        """Write series, in as many requests as it takes.

        A server refuses a whole request for one sample that is not newer than what it has. A run
        that repeats what another has written in part is no fault, so such a request is sent again
        in halves of time: what is new in it gets through.

        An error is returned with what was written all the same.
        """
        try:
            writer = _Writer(self._settings)
        except AnomalyError as error:
            return Written(error=error)
        try:
            most = self._settings.max_samples_per_request
            for batch in _batches(_rows(blocks, most, writer.errors), most):
                writer.write(batch)
        except AnomalyError as error:
            writer.errors.append(error)
        first = next(iter(writer.errors), None)
        return Written(writer.client.requests, writer.samples, writer.repeated, first)


@dataclass(frozen=True)
class _Row:
    """Samples of one series."""

    labels: bytes
    """As they go over the wire."""
    times: NDArray[np.float64]
    samples: Samples


Batch = Sequence[_Row]


class _Writer:
    """Sends batches and keeps count."""

    def __init__(self, settings: RemoteWriteSettings) -> None:
        self.client = Client(settings, settings.url, FAILURES)
        self._deadline = monotonic() + settings.budget_seconds
        self.samples = self.repeated = self._refusals = 0
        self.errors: list[AnomalyError] = []

    def write(self, batch: Batch, *, newest: bool = True) -> None:
        """Send some series. What is refused is noted; raised is what the next ones would meet too.

        Args:
            batch: the series.
            newest: whether their last samples are the newest there are. The server cannot have
                those already, unless somebody else writes the same series.
        """
        body = pack(encode_series(row.labels, row.samples.tobytes()) for row in batch)
        try:
            self.client.exchange(Request(body, HEADERS), everything, deadline=self._deadline)
        except SinkRefused as refused:
            moments = np.unique(np.concatenate([row.times for row in batch]))
            old = ALREADY_THERE.search(str(refused)) is not None
            if old and len(moments) > 1:
                middle = moments[len(moments) // 2]
                self.write(_between(batch, -np.inf, middle), newest=False)
                self.write(_between(batch, middle, np.inf), newest=newest)
            elif old and not newest:
                self.repeated += _count(batch)
            else:
                self.errors.append(refused)
                self._refusals += 1
                if self._refusals == MOST_REFUSALS:
                    raise
        else:
            self.samples += _count(batch)


def _between(batch: Batch, start: float, end: float) -> Batch:
    """The samples from one moment on and before another, and the series that have such samples."""
    some = []
    for row in batch:
        inside = (row.times >= start) & (row.times < end)
        if inside.any():
            some.append(_Row(row.labels, row.times[inside], row.samples[inside]))
    return some


def _count(batch: Batch) -> int:
    return sum(len(row.samples) for row in batch)


def _batches(rows: Iterable[_Row], most: int) -> Iterator[Batch]:
    """Series in groups of at most so many samples."""
    batch: list[_Row] = []
    count = 0
    for row in rows:
        count += len(row.samples)
        if batch and count > most:
            yield batch
            batch, count = [], len(row.samples)
        batch.append(row)
    if batch:
        yield batch


def _rows(blocks: Iterable[Block], most: int, errors: list[AnomalyError]) -> Iterator[_Row]:
    """The series that have something to write; a long one in pieces, oldest first."""
    seen: set[bytes] = set()
    for block in blocks:
        samples = encode_samples(block.timestamps, block.values)
        written = block.written()
        for labels, row, wanted in zip(block.labels, samples, written, strict=True):
            if not wanted.any():
                continue
            times, chosen = block.timestamps[wanted], row[wanted]
            try:
                encoded = encode_labels({**labels, "__name__": block.metric})
            except ValueError as error:
                errors.append(SinkRefused(f"a series of {block.metric} was left out: {error}"))
                continue
            if encoded in seen:
                errors.append(
                    SinkRefused(
                        f"two series would both be written as {block.metric}{dict(labels)}; the "
                        "second was left out: the query has to give them labels that differ"
                    )
                )
                continue
            seen.add(encoded)
            for start in range(0, len(chosen), most):
                piece = slice(start, start + most)
                yield _Row(encoded, times[piece], chosen[piece])
