"""What a run remembers for the next one: a folder with a file for each signal, and the ledger.

Every file is whole or not there. One that cannot be used (another version or configuration, or
damaged) is no disaster: the signal is judged from its history again, and the ledger still knows
what was told. Without a folder that is what every run does.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from pydantic import ConfigDict, TypeAdapter, ValidationError

from anomaly import state_file
from anomaly.errors import StateBusy, StateError
from anomaly.files import prepared, put, sweep
from anomaly.ledger import Ledger
from anomaly.shards import Shard
from anomaly.state_file import Remembered, Resume

LEDGER = "ledger.json"
LOCK = "lock"


# A list, because pydantic takes a configuration for those only; infinities and NaN are text.
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
        return state_file.read(path, fingerprint, resume) if path.exists() else None

    def save(self, signal: str, fingerprint: str, remembered: Remembered) -> None:
        """Write what becomes a signal's file."""
        path = self._path(signal)
        with self._writing(path) as stream:
            state_file.write(stream, fingerprint, remembered)
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
    def _writing(self, path: Path) -> Iterator[IO[bytes]]:
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
