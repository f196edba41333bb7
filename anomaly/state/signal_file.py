"""The file of a signal: its chunks as arrays, one after the other, and a header that says whose.

An archive of numpy arrays, stored and not compressed: it is written every few minutes, and what it
holds does not get much smaller. Nothing in it can run code when it is read. It is read and written
a chunk at a time, for all of it may be more than memory holds.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import IO, Any, TypeVar
from zipfile import ZIP_STORED, ZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter

from anomaly.detector import Stream
from anomaly.errors import StateError
from anomaly.incidents.fdr import Tail
from anomaly.pipeline.judge import Chunk, Header
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Block
from anomaly.state.files import close_durably

VERSION = 2
"""Of the file's form; what another version has written is not used."""

SUFFIX = ".npy"
HEADER = "header"

Arrays = Mapping[str, NDArray[Any]]
Resume = Callable[[Arrays], Stream]
T = TypeVar("T")


# A list, because pydantic takes a configuration for those only; infinities and NaN are text.
_HEADERS = TypeAdapter(list[Header], config=ConfigDict(ser_json_inf_nan="strings"))


class Sheet:
    """A file that is being written."""

    def __init__(self, path: Path) -> None:
        """Begin to write.

        Raises:
            OSError: it cannot be written; so do all methods.
        """
        self._stream = path.open("wb")
        self._archive = ZipFile(self._stream, "w", ZIP_STORED)
        self._chunks = 0

    def add(self, chunk: Chunk) -> None:
        """Write a chunk."""
        prefix = self._chunks
        self._write(f"{prefix}.stream.", chunk.stream.state())
        self._write(f"{prefix}.presence.", _parts(chunk.presence))
        self._write(f"{prefix}.tail.", _parts(chunk.tail))
        self._chunks += 1

    def finish(self, header: Header, presence: Presence) -> None:
        """Write what stands beside the chunks, and see to it that all is on the disk.

        Args:
            header: names the chunks in the order in which they were added.
            presence: of the signal as a whole; one row.
        """
        text = _HEADERS.dump_json([replace(header, version=VERSION)])
        self._write("presence.", _parts(presence))
        self._write("", {HEADER: np.frombuffer(text, dtype=np.uint8)})
        self._archive.close()
        close_durably(self._stream)

    def discard(self) -> None:
        """Give up."""
        with suppress(OSError, ValueError):  # the archive would still write its end
            self._archive.close()
        with suppress(OSError):
            self._stream.close()

    def _write(self, prefix: str, arrays: Arrays) -> None:
        for name, array in arrays.items():
            entry = f"{prefix}{name}{SUFFIX}"
            with self._archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


class SignalFile:
    """A file that is being read."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self._path = path
        self.since: list[Block] = []
        """What was read since."""
        with self._reading():
            self._archive = ZipFile(stream)
            self.header = _HEADERS.validate_json(self._array(HEADER).tobytes())[0]
            rows = range(len(self.header.keys))
            self.presences = [self._read(Presence, f"{row}.presence.") for row in rows]
            self.presence = self._read(Presence, "presence.")
            sizes = [len(presence.last) for presence in self.presences]
            if sizes != [len(keys) for keys in self.header.keys]:
                raise ValueError("the arrays are not of these series")

    @property
    def until(self) -> float:
        """Epoch seconds of the newest tick that was judged."""
        return float(self.since[-1].timestamps[-1]) if self.since else self.header.until

    def chunk(self, index: int, resume: Resume) -> Chunk:
        """A chunk as it was.

        Raises:
            StateError: it is damaged.
        """
        incidents, absences = self.header.chronicles[index]
        with self._reading():
            return Chunk(
                self.header.keys[index],
                resume(self._part(f"{index}.stream.")),
                self.presences[index],
                self._read(Tail, f"{index}.tail."),
                incidents,
                absences,
            )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except StateError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is made of damaged bytes
            raise StateError(f"{self._path} is damaged ({type(error).__name__})") from None

    def _read(self, kind: type[T], prefix: str) -> T:
        return kind(**self._part(prefix))

    def _part(self, prefix: str) -> Arrays:
        """The arrays whose names begin so, by the rest of their names."""
        names = (name for name in self._archive.namelist() if name.startswith(prefix))
        parts = [name.removesuffix(SUFFIX) for name in names]
        return {name.removeprefix(prefix): self._array(name) for name in parts}

    def _array(self, name: str) -> NDArray[Any]:
        with self._archive.open(f"{name}{SUFFIX}") as member:
            array: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
        return array


@contextmanager
def opened(path: Path, fingerprint: str) -> Iterator[SignalFile | None]:
    """What is remembered of a signal; None where nothing is.

    Args:
        path: the file.
        fingerprint: of all that judgements depend on now.

    Raises:
        StateError: it is of another version or configuration, or damaged.
    """
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        raise StateError(f"cannot read {path}: {error.strerror}") from None
    with stream:
        remembered = SignalFile(path, stream)
        header = remembered.header
        if (header.version, header.fingerprint) != (VERSION, fingerprint):
            raise StateError(f"{path} is of another version or configuration")
        yield remembered


def fingerprint(*what: object) -> str:
    """Short name of all that judgements depend on, given as what JSON knows."""
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _parts(arrays: Presence | Tail) -> Arrays:
    return {field.name: getattr(arrays, field.name) for field in fields(arrays)}
