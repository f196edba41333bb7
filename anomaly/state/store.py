"""What a run remembers for the next one: a folder with the ledger and, for each signal, its state.

Every file is whole or not there. One that cannot be used (another version or configuration, or
damaged) is no disaster: the signal is judged from its history again, and the ledger still knows
what was told. Without a folder that is what every run does.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from anomaly.errors import StateBusy, StateError
from anomaly.incidents.ledger import Ledger
from anomaly.labels import Shard
from anomaly.pipeline.judge import Remembered
from anomaly.prometheus.blocks import Block
from anomaly.state.files import Draft, Journal, close_durably, following, put, signal_file, sweep
from anomaly.state.outbox import Outbox

LEDGER = "ledger.json"
LOCK = "lock"


# A list, because pydantic takes a configuration for those only; infinities and NaN are text.
_LEDGERS = TypeAdapter(list[Ledger], config=ConfigDict(ser_json_inf_nan="strings"))


class Store:
    """What outlives a run; nothing does where there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._saved: list[str] = []
        self._journals: dict[str, Journal] = {}
        self._read: dict[str, Sequence[Block]] = {}
        self.outbox = Outbox(folder)
        """Where scores wait to be written."""

    @contextmanager
    def reading(self, signal: str, fingerprint: str) -> Iterator[Remembered | None]:
        """What is remembered of a signal; None where nothing is.

        Raises:
            StateError: there is something, and it cannot be used.
        """
        if self._folder is None:
            yield None
            return
        journal = self._journals[signal] = Journal(self._folder / f"{signal}.journal")
        with signal_file(self._folder / f"{signal}.npz", fingerprint) as remembered:
            if remembered:
                try:
                    remembered.since = list(journal.read(remembered.header.until))
                except (OSError, ValueError) as error:
                    raise StateError(f"the journal of {signal} cannot be read ({error})") from None
            yield remembered

    @contextmanager
    def writing(self, signal: str) -> Iterator[Draft]:
        """Write down what there is to remember of it; that counts from `commit` on."""
        draft = Draft(self._folder and self._folder / f"{signal}.npz")
        try:
            yield draft
        finally:
            if not draft.is_whole:
                draft.discard()
        if draft.is_whole:
            self._saved.append(signal)
        elif draft.read:
            self._read[signal] = draft.read

    def commit(self) -> None:
        """Let all that was saved count.

        Raises:
            StateError: not all of it does; what does not is as it was before.
        """
        if self._folder is None:
            return
        try:
            self.outbox.commit()
            while self._read:
                signal, blocks = self._read.popitem()
                self._journals[signal].append(blocks)
            while self._saved:
                signal = self._saved.pop()
                put(self._folder / f"{signal}.npz")
                Journal(self._folder / f"{signal}.journal").drop()
        except OSError as error:
            raise StateError(f"cannot write into {self._folder}: {error.strerror}") from None

    def load_ledger(self) -> Ledger:
        """What was told; that nothing is known where there is none.

        Raises:
            StateError: it cannot be read.
        """
        if self._folder is None:
            return Ledger(remembers=False)
        path = self._folder / LEDGER
        try:
            return _LEDGERS.validate_json(path.read_bytes())[0]
        except FileNotFoundError:
            return Ledger(remembers=False)
        except (OSError, IndexError, ValidationError) as error:
            raise StateError(f"{path} cannot be used ({type(error).__name__})") from None

    def save_ledger(self, ledger: Ledger) -> None:
        """Remember what was told.

        Raises:
            StateError: it could not be written.
        """
        if self._folder is None:
            return
        path = self._folder / LEDGER
        try:
            with following(path).open("wb") as stream:
                stream.write(_LEDGERS.dump_json([ledger]))
                close_durably(stream)
            put(path)
        except OSError as error:
            following(path).unlink(missing_ok=True)
            raise StateError(f"cannot write {path}: {error.strerror}") from None


@contextmanager
def opened(folder: Path | None, shard: Shard) -> Iterator[Store]:
    """The store of a shard, for one run at a time; nobody else writes into its folder.

    Raises:
        StateBusy: another run has it.
        StateError: the folder cannot be used.
    """
    with ExitStack() as stack:
        own = folder and folder / shard.name
        if own:
            stack.enter_context(_locked(own))
            sweep(own)
        store = Store(own)
        stack.callback(store.outbox.close)
        yield store


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("ab")
    except OSError as error:
        raise StateError(f"cannot use {folder}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StateBusy(f"another run is at work in {folder}") from None
        yield
