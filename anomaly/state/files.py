"""The files of a state, so that whoever reads them, or the next run, never meets half of one.

Of each signal there is a file of arrays, its chunks one after the other, with a header that says
whose; and a journal of what was read since that was written, block after block, appended. The state
of a series is a history of thousands of points; a run adds two. So a run appends what it has read,
and judges it once more in front of what is new when it goes on from the older state: the verdicts
are the same, to the last bit.

Arrays are stored and not compressed: what they hold does not get much smaller. Nothing in them can
run code when it is read. They are read and written a chunk at a time, for all of them may be more
than memory holds. Every record of the journal has a checksum; one that a kill or a full disk has
cut off ends it, and is read from the server again.
"""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from anomaly.prometheus.blocks import Block, Key

NEXT = ".next"
"""How the names of files end that have not taken the place of the old ones yet."""


def following(path: Path) -> Path:
    """Where what is to take the place of a file is written."""
    return path.with_name(path.name + NEXT)


@contextmanager
def prepared(path: Path) -> Iterator[IO[bytes]]:
    """Write what is to take the place of a file, until it is on the disk.

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    try:
        with following(path).open("wb") as stream:
            yield stream
            close_durably(stream)
    except BaseException:
        drop(path)
        raise


def close_durably(stream: IO[bytes]) -> None:
    """See to it that what was written is on the disk."""
    stream.flush()
    os.fsync(stream.fileno())
    stream.close()


def put(path: Path) -> None:
    """Let what was prepared take the place of a file, for good."""
    following(path).replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def drop(path: Path) -> None:
    """Remove what was prepared to take the place of a file."""
    following(path).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what a run has prepared that was killed."""
    for path in folder.glob(f"*{NEXT}"):
        path.unlink(missing_ok=True)


FRAME = struct.Struct("<IQI")
"""Length of what describes a block, of its numbers, and the checksum of both."""


class Journal:
    """The journal of one signal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: dict[Key, int] = {}
        self._length = 0
        """Bytes that are whole."""

    def read(self, after: float) -> Iterator[Block]:
        """The blocks with steps after a moment; all of them have to be read before any is added.

        Raises:
            OSError: it cannot be read.
        """
        try:
            stream = self._path.open("rb")
        except FileNotFoundError:
            return
        with stream:
            while (block := self._next(stream.read)) is not None:
                self._length = stream.tell()
                if block.timestamps[0] > after:
                    yield block

    def append(self, blocks: Sequence[Block]) -> None:
        """Add blocks, for good.

        Raises:
            OSError: not all of them are there; none of them counts.
        """
        records = b"".join(map(self._record, blocks))
        with self._path.open("ab") as stream:
            stream.truncate(self._length)
            stream.write(records)
            stream.flush()
            os.fsync(stream.fileno())

    def drop(self) -> None:
        """Begin anew: the state is whole."""
        self._path.unlink(missing_ok=True)

    def _record(self, block: Block) -> bytes:
        new = [key for key in block.keys if key not in self._keys]
        for key in new:
            self._keys[key] = len(self._keys)
        described = json.dumps(
            {
                "new": new,
                "rows": [self._keys[key] for key in block.keys],
                "steps": len(block.timestamps),
                "traffic": block.traffic is not None,
                "degraded": block.degraded,
                "partial": block.partial,
            }
        ).encode()
        arrays = [
            block.timestamps,
            block.values,
            *([] if block.traffic is None else [block.traffic]),
        ]
        numbers = b"".join(np.ascontiguousarray(array, np.float64).tobytes() for array in arrays)
        content = described + numbers
        return FRAME.pack(len(described), len(numbers), zlib.crc32(content)) + content

    def _next(self, read: Any) -> Block | None:
        """The next block; None at the end, or where it is not whole."""
        head = read(FRAME.size)
        if len(head) < FRAME.size:
            return None
        described, numbers, checksum = FRAME.unpack(head)
        content: bytes = read(described + numbers)
        if len(content) < described + numbers or zlib.crc32(content) != checksum:
            return None
        document = json.loads(content[:described])
        for key in document["new"]:
            self._keys[tuple((name, value) for name, value in key)] = len(self._keys)
        names = list(self._keys)
        series, steps = len(document["rows"]), document["steps"]
        floats = np.frombuffer(content[described:])
        values = floats[steps : steps * (series + 1)].reshape(series, steps)
        traffic = floats[steps * (series + 1) :].reshape(-1, steps)
        return Block(
            timestamps=floats[:steps],
            keys=tuple(names[row] for row in document["rows"]),
            values=values,
            traffic=traffic if document["traffic"] else None,
            degraded=document["degraded"],
            partial=document["partial"],
        )


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
def signal_file(path: Path, fingerprint: str) -> Iterator[SignalFile | None]:
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
