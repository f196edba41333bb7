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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from anomaly.config.receivers import RemoteWriteSettings
from anomaly.errors import AnomalyError, Refused
from anomaly.sinks.series import MetricBlock
from anomaly.transport.client import Client, Request

TIME_BYTES = 6
"""Bytes of a timestamp; seven bits each, up to the year 2109. That earlier times would need fewer
does not matter to any reader, and so all samples are of one size."""

SAMPLE = np.dtype(
    [
        ("samples", "u1"),
        ("size", "u1"),
        ("value_field", "u1"),
        ("value", "<f8"),
        ("time_field", "u1"),
        ("time", "u1", TIME_BYTES),
    ]
)
"""A sample as it lies in its series: field and length, then both of its own fields."""

VARINT_FIELD, DOUBLE_FIELD, BYTES_FIELD = 0, 1, 2

Samples = NDArray[np.void]


def encode_samples(timestamps: NDArray[np.float64], values: NDArray[np.float64]) -> Samples:
    """Samples of many series on the same steps.

    Args:
        timestamps: (time,), epoch seconds.
        values: (series, time).

    Returns:
        (series, time) of `SAMPLE`; the bytes of any of them, one after the other, are samples.
    """
    milliseconds = np.rint(timestamps * 1000).astype(np.int64)
    if ((milliseconds < 0) | (milliseconds >> 7 * TIME_BYTES > 0)).any():
        raise ValueError("timestamps must be epoch seconds from 1970 to 2109")
    shifts = 7 * np.arange(TIME_BYTES)
    groups = (milliseconds[:, None] >> shifts & 0x7F).astype(np.uint8)
    groups[:, :-1] |= 0x80
    samples = np.empty(values.shape, SAMPLE)
    samples["samples"] = _tag(2, BYTES_FIELD)
    samples["size"] = SAMPLE.itemsize - 2
    samples["value_field"] = _tag(1, DOUBLE_FIELD)
    samples["value"] = values
    samples["time_field"] = _tag(2, VARINT_FIELD)
    samples["time"] = groups
    return samples


def encode_labels(labels: Mapping[str, str]) -> bytes:
    """The labels of a series, sorted; empty ones mean nothing and are left out.

    Raises:
        ValueError: one of them cannot be written.
    """
    return b"".join(_label(*pair) for pair in sorted(labels.items()) if pair[1])


def encode_series(labels: bytes, samples: bytes) -> bytes:
    """One series of a request."""
    return _block(1, labels + samples)


def pack(series: Iterable[bytes]) -> bytes:
    """A request: series, in the snappy block format.

    All of it is one literal. The format allows that, and compressing would be slower here than the
    network is.
    """
    message = b"".join(series)
    if not message:
        return b"\0"
    literal = bytes([63 << 2]) + (len(message) - 1).to_bytes(4, "little")
    return _varint(len(message)) + literal + message


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
        than what it has. Such a request is sent again in halves, so that all others get through:
        of time, for a run that repeats what another has written in part is no fault, and of series.

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
            most = self._settings.max_samples_per_request
            for batch in _batches(_rows(blocks, most, writer.errors), most):
                writer.write(batch)
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

    def write(self, batch: Batch, *, newest: bool = True) -> None:
        """Send some series. What is refused is noted; raised is what the next ones would meet too.

        Args:
            batch: the series.
            newest: whether their last samples are the newest there are. The server cannot have
                those already, unless somebody else writes the same series.
        """
        body = pack(encode_series(row.labels, row.samples.tobytes()) for row in batch)
        try:
            self.client.exchange(Request(body, HEADERS), deadline=self._deadline, wanted=False)
        except Refused as refused:
            if refused.status not in WORTH_SPLITTING:
                raise
            self._in_vain += 1
            self._splits += 1
            self._refused(batch, refused, newest=newest)
        else:
            self._in_vain = 0
            self.samples += _count(batch)

    def _refused(self, batch: Batch, refused: Refused, *, newest: bool) -> None:
        old = ALREADY_THERE.search(str(refused)) is not None
        moments = np.unique(np.concatenate([row.times for row in batch]))
        hopeless = self._in_vain > IN_VAIN or self._splits > MOST_SPLITS
        if len(moments) > 1 and (old or len(batch) == 1) and not hopeless:
            middle = moments[len(moments) // 2]
            self.write(_between(batch, -np.inf, middle), newest=False)
            self.write(_between(batch, middle, np.inf), newest=newest)
        elif len(batch) > 1 and not hopeless:
            half = len(batch) // 2
            self.write(batch[:half], newest=newest)
            self.write(batch[half:], newest=newest)
        elif old and not newest:
            self.repeated += _count(batch)
        else:
            self.errors.append(refused)
            self.lost += _count(batch)


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


def _rows(blocks: Iterable[MetricBlock], most: int, errors: list[AnomalyError]) -> Iterator[_Row]:
    """The series that have something to write; a long one in pieces, oldest first."""
    seen: dict[bytes, float] = {}
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
            seen[encoded] = float(times[-1])
            for start in range(0, len(chosen), most):
                piece = slice(start, start + most)
                yield _Row(encoded, times[piece], chosen[piece])
