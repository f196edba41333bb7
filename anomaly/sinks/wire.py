"""The body of a remote write request (version 1.0): protobuf, in a snappy block.

    WriteRequest { repeated TimeSeries timeseries = 1 }
    TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2 }
    Label        { string name = 1; string value = 2 }
    Sample       { double value = 1; int64 timestamp = 2 }     milliseconds

Small enough to be written here: a protobuf library and a compressor would be the only dependencies
that have to be compiled for the detector's image.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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
