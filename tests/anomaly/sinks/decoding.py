"""What a receiver of remote write reads: snappy undone by cramjam, protobuf by hand."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import cramjam


@dataclass(frozen=True)
class Decoded:
    """A series of a request."""

    labels: list[tuple[str, str]]
    samples: list[tuple[int, float]]
    """Milliseconds and value."""
    bits: list[int]
    """The bits of the values; they tell one NaN from another."""


def decode(body: bytes) -> list[Decoded]:
    message = bytes(cramjam.snappy.decompress_raw(body)) if body != b"\0" else b""
    return [_series(content) for number, content in _fields(message) if number == 1]


def _series(message: bytes) -> Decoded:
    labels, samples, bits = [], [], []
    for number, content in _fields(message):
        parts = dict(_fields(content))
        if number == 1:
            labels.append((parts[1].decode(), parts[2].decode()))
        else:
            samples.append((parts[2], struct.unpack("<d", parts[1])[0]))
            bits.append(struct.unpack("<Q", parts[1])[0])
    return Decoded(labels, samples, bits)


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            value, at = _varint(message, at)
        else:
            length, at = (8, at) if tag & 7 == 1 else _varint(message, at)
            value, at = message[at : at + length], at + length
        yield tag >> 3, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
