"""What a run remembers for the next one: a folder with the ledger and, for each signal, its state.

That is a file, and a journal of what was read since the file was written.

Every file is whole or not there. One that cannot be used (another version or configuration, or
damaged) is no disaster: the signal is judged from its history again, and the ledger still knows
what was told. Without a folder that is what every run does.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError

from anomaly.errors import StateBusy, StateError
from anomaly.incidents.ledger import Ledger
from anomaly.labels import Shard
from anomaly.pipeline.judge import Chunk, Header
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Block
from anomaly.state.files import (
    Journal,
    Sheet,
    SignalFile,
    drop,
    following,
    prepared,
    put,
    signal_file,
    sweep,
)
from anomaly.state.outbox import Outbox

LEDGER = "ledger.json"
LOCK = "lock"


# A list, because pydantic takes a configuration for those only; infinities and NaN are text.
_LEDGERS = TypeAdapter(list[Ledger], config=ConfigDict(ser_json_inf_nan="strings"))


class Draft:
    """What is to be remembered of a signal: a new file, or more of its journal.

    A disk that is full makes it void; the run goes on.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.read: Sequence[Block] = ()
        """What the journal gets, if there is no new file."""
        self._sheet: Sheet | None = None
        self.is_whole = False
        """Whether all of it is on the disk."""
        self.error: str | None = None
        """Why not, if something went wrong."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path and not self.is_whole:
            if self._sheet:
                self._sheet.discard()
            drop(self._path)

    def append(self, read: Sequence[Block]) -> None:
        """Go on with the file that is there, and remember what was read since."""
        self.read = read

    def add(self, chunk: Chunk) -> None:
        """Write a chunk."""
        with self._writing() as sheet:
            if sheet:
                sheet.add(chunk)

    def finish(self, header: Header, presence: Presence) -> None:
        """Write what stands beside the chunks; without this it is no file."""
        with self._writing() as sheet:
            if sheet:
                sheet.finish(header, presence)
                self.is_whole = True

    @contextmanager
    def _writing(self) -> Iterator[Sheet | None]:
        if self._path is None or self.error:
            yield None
            return
        try:
            self._sheet = self._sheet or Sheet(following(self._path))
            yield self._sheet
        except OSError as error:
            self.error = f"cannot write {self._path}: {error.strerror}"


class Store:
    """What outlives a run. This one remembers nothing; `Folder` does."""

    def __init__(self) -> None:
        self._outbox = Outbox(None)

    def reading(
        self,
        signal: str,  # noqa: ARG002 - for those that remember
        fingerprint: str,  # noqa: ARG002
    ) -> AbstractContextManager[SignalFile | None]:
        """What is remembered of a signal; None where nothing is.

        Raises:
            StateError: there is something, and it cannot be used.
        """
        return nullcontext()

    def writing(self, signal: str) -> AbstractContextManager[Draft]:  # noqa: ARG002
        """Write down what there is to remember of it; that counts from `commit` on."""
        return Draft(None)

    def commit(self) -> None:
        """Let all that was saved count.

        Raises:
            StateError: not all of it does; what does not is as it was before.
        """

    def outbox(self) -> Outbox:
        """Where scores wait to be written."""
        return self._outbox

    def load_ledger(self) -> Ledger:
        """What was told.

        Raises:
            StateError: it cannot be read.
        """
        return Ledger(remembers=False)

    def save_ledger(self, ledger: Ledger) -> None:
        """Remember what was told.

        Raises:
            StateError: it could not be written.
        """


class Folder(Store):
    """Remembers in files; each shard has a folder of its own, and nobody else writes into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved: list[Path] = []
        self._journals: dict[str, Journal] = {}
        self._read: dict[str, Sequence[Block]] = {}
        self._outbox = Outbox(folder)

    @contextmanager
    def reading(self, signal: str, fingerprint: str) -> Iterator[SignalFile | None]:
        """Read a signal's file, and its journal."""
        journal = self._journals[signal] = Journal(self._journal(signal))
        with signal_file(self._path(signal), fingerprint) as remembered:
            if remembered:
                try:
                    remembered.since = list(journal.read(remembered.header.until))
                except (OSError, ValueError) as error:
                    raise StateError(f"the journal of {signal} cannot be read ({error})") from None
            yield remembered

    @contextmanager
    def writing(self, signal: str) -> Iterator[Draft]:
        """Write what becomes a signal's file, or goes to its journal."""
        path = self._path(signal)
        with Draft(path) as draft:
            yield draft
        if draft.is_whole:
            self._saved.append(path)
        elif draft.read:
            self._read[signal] = draft.read

    def commit(self) -> None:
        """Let what was written take the place of what was there."""
        try:
            self._outbox.commit()
            while self._read:
                signal, blocks = self._read.popitem()
                self._journals[signal].append(blocks)
        except OSError as error:
            raise StateError(f"cannot write into {self._folder}: {error.strerror}") from None
        while self._saved:
            path = self._saved.pop()
            self._put(path)
            Journal(self._journal(path.stem)).drop()

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

    def _journal(self, signal: str) -> Path:
        return self._folder / f"{signal}.journal"

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
        forgetful = Store()
        try:
            yield forgetful
        finally:
            forgetful.outbox().close()
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
        store = Folder(own)
        try:
            yield store
        finally:
            store.outbox().close()
