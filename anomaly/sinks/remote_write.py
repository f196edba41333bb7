"""Writing series back to Prometheus, or to what takes its remote write protocol.

The body of a remote write request (version 1.0): protobuf, in a snappy block.

    WriteRequest { repeated TimeSeries timeseries = 1 }
    TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2 }
    Label        { string name = 1; string value = 2 }
    Sample       { double value = 1; int64 timestamp = 2 }     milliseconds

Small enough to be written here: a protobuf library and a compressor would be the only dependencies
that have to be compiled for the detector's image.
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from itertools import islice
from operator import attrgetter
from time import monotonic
from typing import NamedTuple

import numpy as np

from anomaly.config.receivers import RemoteWriteSettings
from anomaly.errors import AnomalyError, Refused
from anomaly.sinks.series import MetricBlock
from anomaly.transport.client import Client, Request

VARINT_FIELD, DOUBLE_FIELD, BYTES_FIELD = 0, 1, 2


class Sample(NamedTuple):
    """One value of one series."""

    series: bytes
    """Its labels, as they go over the wire."""

    time: float
    """Epoch seconds."""

    value: float


def encode(samples: Iterable[Sample]) -> bytes:
    """A request, in the snappy block format; samples of a series in the order in which they come.

    All of it is one literal. The format allows that, and compressing would be slower here than the
    network is.
    """
    series: dict[bytes, list[bytes]] = {}
    for sample in samples:
        series.setdefault(sample.series, []).append(_sample(sample))
    message = b"".join(_block(1, labels + b"".join(own)) for labels, own in series.items())
    if not message:
        return b"\0"
    literal = bytes([63 << 2]) + (len(message) - 1).to_bytes(4, "little")
    return _varint(len(message)) + literal + message


def encode_labels(labels: Mapping[str, str]) -> bytes:
    """The labels of a series, sorted; empty ones mean nothing and are left out.

    Raises:
        ValueError: one of them cannot be written.
    """
    return b"".join(_label(*pair) for pair in sorted(labels.items()) if pair[1])


def _sample(sample: Sample) -> bytes:
    value = bytes([_tag(1, DOUBLE_FIELD)]) + struct.pack("<d", sample.value)
    return _block(2, value + _time(sample.time))


@lru_cache(maxsize=1 << 10)
def _time(moment: float) -> bytes:
    """A time in its field; all series of a run have the same ones."""
    return bytes([_tag(2, VARINT_FIELD)]) + _varint(round(moment * 1000))


@lru_cache(maxsize=1 << 14)
def _label(name: str, value: str) -> bytes:
    """A label; the same ones come again and again."""
    try:
        encoded = _block(1, name.encode()) + _block(2, value.encode())
    except UnicodeEncodeError:
        raise ValueError(f"label {name!r} is no text that can be written") from None
    if not name:
        raise ValueError(f"a label without a name has the value {value!r}")
    return _block(1, encoded)


def _block(number: int, content: bytes) -> bytes:
    return bytes([_tag(number, BYTES_FIELD)]) + _varint(len(content)) + content


def _tag(number: int, kind: int) -> int:
    return number << 3 | kind


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits to a byte
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

ALREADY_THERE = re.compile(r"out[ -]of[ -]order|duplicate|too[ -]old|out of bounds", re.IGNORECASE)
"""What servers say of a sample that is not newer than what they have."""

WORTH_SPLITTING = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Refusals of something that stands in the request. Others are of whoever asks."""

IN_VAIN = 24
"""Requests in a row that are refused; after so many nobody looks for the sample at fault any more.
For one among 5,000 it takes thirteen."""

LAST_SECONDS = 1.0
"""Time for what is still to be said when the budget is used up: that it is."""

MOST_SPLITS = 400
"""Requests of a run that may be refused while samples at fault are looked for."""


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

    lost: int = 0
    """Samples that the server will never take; another attempt would not help them."""

    finished: bool = True
    """Whether all was sent; if not, another attempt may help."""

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.requests + other.requests,
            self.samples + other.samples,
            self.repeated + other.repeated,
            self.error or other.error,
            self.lost + other.lost,
            self.finished and other.finished,
        )


class RemoteWrite:
    """A receiver of series."""

    name = "remote_write"

    def __init__(self, settings: RemoteWriteSettings, most_seconds: float = math.inf) -> None:
        """Nothing is sent yet.

        Args:
            settings: how it is reached.
            most_seconds: time for all it ever sends, where that is less than the settings' budget.
        """
        self._settings = settings
        self._left = min(settings.budget_seconds, most_seconds)

    def send(self, blocks: Iterable[MetricBlock], *, within_seconds: float = math.inf) -> Written:
        """Write series, in as many requests as it takes.

        A server refuses a whole request for one sample that it does not like, or that is not newer
        than what it has. Such a request is sent again in halves, so that all others get through; a
        run that repeats what another has written in part is no fault.

        An error is returned with what was written all the same.

        Args:
            blocks: the series.
            within_seconds: time for them, where that is less than what is left of the budget.
        """
        begun = monotonic()
        try:
            left = self._left if self._left > 0 else LAST_SECONDS
            budget = min(left, within_seconds)
            writer = _Writer(self._settings, budget)
        except AnomalyError as error:
            return Written(error=error, finished=False)
        finished = True
        try:
            samples = _samples(blocks, writer.errors)
            while batch := [*islice(samples, self._settings.max_samples_per_request)]:
                writer.write(batch, newest=max(sample.time for sample in batch))
        except AnomalyError as error:
            finished = False
            writer.errors.insert(0, error)
        self._left -= monotonic() - begun
        return Written(
            writer.client.requests,
            writer.samples,
            writer.repeated,
            writer.error,
            writer.lost,
            finished,
        )


class _Writer:
    """Sends batches and keeps count."""

    def __init__(self, settings: RemoteWriteSettings, budget_seconds: float) -> None:
        self.client = Client(settings, settings.url)
        self._deadline = monotonic() + budget_seconds
        self.samples = self.repeated = self.lost = 0
        self._in_vain = self._splits = 0
        self.errors: list[AnomalyError] = []

    @property
    def error(self) -> AnomalyError | None:
        """The first of the errors, with the number of samples that will never arrive."""
        if not self.errors or not self.lost:
            return next(iter(self.errors), None)
        return Refused(f"{self.errors[0]}; {self.lost} samples are lost")

    def write(self, batch: Sequence[Sample], *, newest: float) -> None:
        """Send some samples. What is refused is noted; raised is what the next would meet too.

        Args:
            batch: the samples, those of each series in the order of time.
            newest: epoch seconds of the newest there are. The server cannot have those already,
                unless somebody else writes the same series.
        """
        try:
            request = Request(encode(batch), HEADERS)
            self.client.exchange(request, deadline=self._deadline, wanted=False)
        except Refused as refused:
            if refused.status not in WORTH_SPLITTING:
                raise
            self._in_vain += 1
            self._splits += 1
            self._refused(batch, refused, newest=newest)
        else:
            self._in_vain = 0
            self.samples += len(batch)

    def _refused(self, batch: Sequence[Sample], refused: Refused, *, newest: float) -> None:
        """Find the samples at fault; those that the server has are the older half of all series."""
        old = ALREADY_THERE.search(str(refused)) is not None
        hopeless = self._in_vain > IN_VAIN or self._splits > MOST_SPLITS
        if len(batch) > 1 and not hopeless:
            ordered, half = (
                sorted(batch, key=attrgetter("time" if old else "series")),
                len(batch) // 2,
            )
            self.write(ordered[:half], newest=newest)
            self.write(ordered[half:], newest=newest)
            return
        repeated = sum(old and sample.time < newest for sample in batch)
        self.repeated += repeated
        if repeated < len(batch):
            self.errors.append(refused)
            self.lost += len(batch) - repeated


def _samples(blocks: Iterable[MetricBlock], errors: list[AnomalyError]) -> Iterator[Sample]:
    """What there is to write, series after series, each oldest first."""
    seen: dict[bytes, float] = {}
    for block in blocks:
        for labels, values, wanted in zip(block.labels, block.values, block.written(), strict=True):
            if not wanted.any():
                continue
            times = block.timestamps[wanted].tolist()
            try:
                encoded = encode_labels({**labels, "__name__": block.metric})
            except ValueError as error:
                errors.append(Refused(f"a series of {block.metric} was left out: {error}"))
                continue
            if times[0] <= seen.get(encoded, -np.inf):
                errors.append(
                    Refused(
                        f"two series would both be written as {block.metric}{dict(labels)}; the "
                        "second was left out: the query has to give them labels that differ"
                    )
                )
                continue
            seen[encoded] = times[-1]
            for time, value in zip(times, values[wanted].tolist(), strict=True):
                yield Sample(encoded, time, value)
