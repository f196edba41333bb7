"""What a run remembers for the next one: a folder with a file for each signal, and the ledger.

Every file is whole or not there. One that cannot be used (another version or configuration, or
damaged) is no disaster: the signal is judged from its history again, and the ledger still knows
what was told. Without a folder that is what every run does.
"""

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol, TypeVar
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter, ValidationError

from anomaly.alerting.fdr import Tail
from anomaly.alerting.incidents import Chronicle
from anomaly.blocks import Key
from anomaly.chunks import Chunk, Stream
from anomaly.errors import StateBusy, StateError
from anomaly.files import prepared, put, sweep
from anomaly.ledger import Ledger
from anomaly.presence import Presence
from anomaly.shards import Shard

VERSION = 1
"""Of the files' form; what another version has written is not used."""

LEDGER = "ledger.json"
LOCK = "lock"

Arrays = Mapping[str, NDArray[Any]]
T = TypeVar("T")
Resume = Callable[[Arrays], Stream]


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


# Lists, because pydantic takes a configuration for those only; infinities and NaN are text.
_HEADERS = TypeAdapter(list[Header], config=ConfigDict(ser_json_inf_nan="strings"))
_LEDGERS = TypeAdapter(list[Ledger], config=ConfigDict(ser_json_inf_nan="strings"))


class Store(Protocol):
    """Where it is remembered."""

    def load(self, signal: str, fingerprint: str, resume: Resume) -> Remembered | None:
        """What is remembered of a signal; None where nothing is.

        Raises:
            StateError: there is something, and it cannot be used.
        """

    def save(self, signal: str, fingerprint: str, remembered: Remembered) -> None:
        """Write it down; it counts from `commit` on.

        Raises:
            StateError: it could not be written; what was remembered before still is.
        """

    def commit(self) -> None:
        """Let all that was saved count.

        Raises:
            StateError: not all of it does; what does not is as it was before.
        """

    def load_ledger(self) -> Ledger:
        """What was told.

        Raises:
            StateError: it cannot be read.
        """

    def save_ledger(self, ledger: Ledger) -> None:
        """Remember what was told.

        Raises:
            StateError: it could not be written.
        """


class Forgetful:
    """Remembers nothing."""

    def load(self, signal: str, fingerprint: str, resume: Resume) -> None:
        """Nothing."""

    def save(self, signal: str, fingerprint: str, remembered: Remembered) -> None:
        """Nothing."""

    def commit(self) -> None:
        """Nothing."""

    def load_ledger(self) -> Ledger:
        """One that knows that it knows nothing."""
        return Ledger(remembers=False)

    def save_ledger(self, ledger: Ledger) -> None:
        """Nothing."""


class Folder:
    """Remembers in files; each shard has a folder of its own, and nobody else writes into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved: list[Path] = []

    def load(self, signal: str, fingerprint: str, resume: Resume) -> Remembered | None:
        """Read a signal's file."""
        path = self._path(signal)
        if not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as archive:
                header = _HEADERS.validate_json(archive["header"].tobytes())[0]
                if (header.version, header.fingerprint) != (VERSION, fingerprint):
                    raise StateError(f"{path} is of another version or configuration")
                chunks = tuple(
                    _chunk(archive, header, row, resume) for row in range(len(header.keys))
                )
                presence = _read(Presence, _part(archive, "presence."))
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            IndexError,
            TypeError,
            BadZipFile,
        ) as error:
            raise StateError(f"{path} is damaged ({type(error).__name__})") from None
        return Remembered(header.until, chunks, presence, header.silence)

    def save(self, signal: str, fingerprint: str, remembered: Remembered) -> None:
        """Write what becomes a signal's file."""
        path = self._path(signal)
        with self._writing(path) as stream, ZipFile(stream, "w", ZIP_STORED) as archive:
            # One after the other: all of them at once would be in memory twice.
            for name, array in _arrays(fingerprint, remembered):
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
        self._saved.append(path)

    def commit(self) -> None:
        """Let what was written take the place of what was there."""
        while self._saved:
            self._put(self._saved.pop())

    def load_ledger(self) -> Ledger:
        """Read the ledger; one that knows that it knows nothing when there is none."""
        path = self._folder / LEDGER
        try:
            return _LEDGERS.validate_json(path.read_bytes())[0]
        except FileNotFoundError:
            return Ledger(remembers=False)
        except (OSError, IndexError, ValidationError) as error:
            raise StateError(f"{path} cannot be used ({type(error).__name__})") from None

    def save_ledger(self, ledger: Ledger) -> None:
        """Write the ledger."""
        path = self._folder / LEDGER
        with self._writing(path) as stream:
            stream.write(_LEDGERS.dump_json([ledger]))
        self._put(path)

    def _path(self, signal: str) -> Path:
        return self._folder / f"{signal}.npz"

    @contextmanager
    def _writing(self, path: Path) -> Iterator[Any]:
        try:
            with prepared(path) as stream:
                yield stream
        except OSError as error:
            raise StateError(f"cannot write {path}: {error.strerror}") from None

    def _put(self, path: Path) -> None:
        try:
            put(path)
        except OSError as error:
            raise StateError(f"cannot replace {path}: {error.strerror}") from None


@contextmanager
def opened(folder: Path | None, shard: Shard) -> Iterator[Store]:
    """The store of a shard, for one run at a time.

    Raises:
        StateBusy: another run has it.
        StateError: the folder cannot be used.
    """
    if folder is None:
        yield Forgetful()
        return
    own = folder / shard.name
    try:
        own.mkdir(parents=True, exist_ok=True)
        lock = (own / LOCK).open("ab")
    except OSError as error:
        raise StateError(f"cannot use {own}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StateBusy(f"another run is at work in {own}") from None
        sweep(own)
        yield Folder(own)


def fingerprint(*what: object) -> str:
    """Short name of all that judgements depend on, given as what JSON knows."""
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _chunk(archive: Arrays, header: Header, row: int, resume: Resume) -> Chunk:
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


def _part(archive: Arrays, prefix: str) -> dict[str, NDArray[Any]]:
    names = [name for name in archive if name.startswith(prefix)]
    return {name.removeprefix(prefix): archive[name] for name in names}


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
