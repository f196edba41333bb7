"""The file of a signal: its chunks as arrays, one after the other, and a header that says whose.

An archive of numpy arrays, stored and not compressed: it is written every few minutes, and what it
holds does not get much smaller. Nothing in it can run code when it is read.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any, TypeVar
from zipfile import ZIP_STORED, ZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter

from anomaly.alerting.fdr import Tail
from anomaly.alerting.incidents import Chronicle
from anomaly.blocks import Key
from anomaly.chunks import Chunk, Stream
from anomaly.errors import StateError
from anomaly.presence import Presence

VERSION = 1
"""Of the file's form; what another version has written is not used."""

SUFFIX = ".npy"
Arrays = Mapping[str, NDArray[Any]]
Resume = Callable[[Arrays], Stream]
T = TypeVar("T")


@dataclass(frozen=True)
class Header:
    """What stands in a signal's file beside arrays."""

    version: int
    fingerprint: str
    """Of all that the arrays depend on."""

    until: float
    """Epoch seconds of the newest tick that was judged."""

    keys: tuple[tuple[Key, ...], ...]
    """The series of each chunk."""

    chronicles: tuple[tuple[Chronicle, Chronicle], ...]
    """Of values and of absences of each chunk."""

    silence: Chronicle
    """Of the signal as a whole."""


@dataclass(frozen=True)
class Remembered:
    """What is remembered of a signal."""

    until: float
    """Epoch seconds of the newest tick that was judged."""

    chunks: tuple[Chunk, ...]
    presence: Presence
    """Whether the signal has any series; one row."""

    silence: Chronicle
    """Times at which it had none."""


# A list, because pydantic takes a configuration for those only; infinities and NaN are text.
_HEADERS = TypeAdapter(list[Header], config=ConfigDict(ser_json_inf_nan="strings"))


def write(stream: IO[bytes], fingerprint: str, remembered: Remembered) -> None:
    """Write what is remembered of a signal.

    Raises:
        OSError: it cannot be written.
    """
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        # One after the other: all of them at once would be in memory twice.
        for name, array in _arrays(fingerprint, remembered):
            with archive.open(f"{name}{SUFFIX}", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read(path: Path, fingerprint: str, resume: Resume) -> Remembered:
    """Read what is remembered of a signal.

    Args:
        path: the file.
        fingerprint: of all that judgements depend on now.
        resume: makes a detector's stream of what it left.

    Raises:
        StateError: it is of another version or configuration, or damaged.
    """
    try:
        with path.open("rb") as stream, ZipFile(stream) as archive:
            header = _HEADERS.validate_json(_array(archive, "header").tobytes())[0]
            _check(header, path, fingerprint)
            rows = range(len(header.keys))
            chunks = tuple(_chunk(archive, header, row, resume) for row in rows)
            presence = _read(Presence, _part(archive, "presence."))
    except StateError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever numpy and zipfile make of damaged bytes
        raise StateError(f"{path} is damaged ({type(error).__name__})") from None
    return Remembered(header.until, chunks, presence, header.silence)


def fingerprint(*what: object) -> str:
    """Short name of all that judgements depend on, given as what JSON knows."""
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _check(header: Header, path: Path, fingerprint: str) -> None:
    if (header.version, header.fingerprint) != (VERSION, fingerprint):
        raise StateError(f"{path} is of another version or configuration")


def _chunk(archive: ZipFile, header: Header, row: int, resume: Resume) -> Chunk:
    incidents, absences = header.chronicles[row]
    chunk = Chunk(
        header.keys[row],
        resume(_part(archive, f"{row}.stream.")),
        _read(Presence, _part(archive, f"{row}.presence.")),
        _read(Tail, _part(archive, f"{row}.tail.")),
        incidents,
        absences,
    )
    if len(chunk.presence.last) != len(chunk.keys):
        raise ValueError("the arrays are not of these series")
    return chunk


def _part(archive: ZipFile, prefix: str) -> Arrays:
    """The arrays whose names begin so, by the rest of their names."""
    names = [name.removesuffix(SUFFIX) for name in archive.namelist() if name.startswith(prefix)]
    return {name.removeprefix(prefix): _array(archive, name) for name in names}


def _array(archive: ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}{SUFFIX}") as member:
        array: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
    return array


def _read(kind: type[T], arrays: Arrays) -> T:
    return kind(**arrays)


def _arrays(fingerprint: str, remembered: Remembered) -> Iterator[tuple[str, NDArray[Any]]]:
    """All that stands in a signal's file, by name."""
    chunks = remembered.chunks
    header = Header(
        version=VERSION,
        fingerprint=fingerprint,
        until=remembered.until,
        keys=tuple(chunk.keys for chunk in chunks),
        chronicles=tuple((chunk.incidents, chunk.absences) for chunk in chunks),
        silence=remembered.silence,
    )
    yield "header", np.frombuffer(_HEADERS.dump_json([header]), dtype=np.uint8)
    yield from _named("presence", remembered.presence)
    for row, chunk in enumerate(chunks):
        for name, array in chunk.stream.state().items():
            yield f"{row}.stream.{name}", array
        yield from _named(f"{row}.presence", chunk.presence)
        yield from _named(f"{row}.tail", chunk.tail)


def _named(prefix: str, arrays: Presence | Tail) -> Iterator[tuple[str, NDArray[Any]]]:
    for field in fields(arrays):
        yield f"{prefix}.{field.name}", getattr(arrays, field.name)
