"""The files of a state, of which no reader, and no later run, ever meets half.

They are replaced whole, or records are appended to them: something described, and numbers, with a
checksum; one that a kill or a full disk has cut off ends them. Nothing in them can run code when it
is read.

Of each signal there is a file of arrays, its chunks one after the other, with a header that says
whose; and a journal of what was read since that was written. The state of a series is a history of
thousands of points; a run adds two. So a run appends to the journal what it has read, and judges it
once more in front of what is new when it goes on from the older state: the verdicts are the same,
to the last bit.

Arrays are stored and not compressed: what they hold does not get much smaller. They are read and
written a chunk at a time, for all of them may be more than memory holds.
"""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray
from pydantic import ConfigDict, TypeAdapter

from anomaly.errors import StateError
from anomaly.incidents.fdr import Tail
from anomaly.pipeline.judge import Chunk, Header, Remembered, Resume
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.blocks import Block, Key

NEXT = ".next"
"""How the names of files end that have not taken the place of the old ones yet."""


def following(path: Path) -> Path:
    """Where what is to take the place of a file is written."""
    return path.with_name(path.name + NEXT)


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


def sweep(folder: Path) -> None:
    """Remove what a run has prepared that was killed."""
    for path in folder.glob(f"*{NEXT}"):
        path.unlink(missing_ok=True)


FRAME = struct.Struct("<IQI")
"""Length of what is described, of the numbers, and the checksum of both."""


def record(described: Any, arrays: Iterable[NDArray[np.float64]]) -> bytes:
    """Something that JSON knows, and numbers."""
    text = json.dumps(described).encode()
    numbers = b"".join(np.ascontiguousarray(array, np.float64).tobytes() for array in arrays)
    content = text + numbers
    return FRAME.pack(len(text), len(numbers), zlib.crc32(content)) + content


def records(stream: IO[bytes]) -> Iterator[tuple[Any, NDArray[np.float64]]]:
    """All records that are whole, from where the stream is: described, and numbers."""
    while len(head := stream.read(FRAME.size)) == FRAME.size:
        length, numbers, checksum = FRAME.unpack(head)
        content = stream.read(length + numbers)
        if len(content) < length + numbers or zlib.crc32(content) != checksum:
            return
        yield json.loads(content[:length]), np.frombuffer(content[length:])


VERSION = 2
"""Of the file's form; what another version has written is not used."""

HEADER = "header"

Arrays = Mapping[str, NDArray[Any]]

# A list, because pydantic takes a configuration for those only; infinities and NaN are text.
_HEADERS = TypeAdapter(list[Header], config=ConfigDict(ser_json_inf_nan="strings"))


class Draft:
    """What is to be remembered of a signal: a new file, or more of its journal.

    A disk that is full makes it void; the run goes on.
    """

    def __init__(self, path: Path | None) -> None:
        """Nothing is written yet, and where there is no path nothing will be."""
        self._path = path
        self._stream: IO[bytes] | None = None
        self._archive: ZipFile | None = None
        self._chunks = 0
        self.read: Sequence[Block] = ()
        """What the journal gets, if there is no new file."""
        self.is_whole = False
        """Whether all of the file is on the disk."""
        self.error: str | None = None
        """Why not, if something went wrong."""

    def add(self, chunk: Chunk) -> None:
        """Write a chunk."""
        prefix = self._chunks
        self._write(f"{prefix}.stream.", chunk.stream.state())
        self._write(f"{prefix}.presence.", vars(chunk.presence))
        self._write(f"{prefix}.tail.", vars(chunk.tail))
        self._chunks += 1

    def finish(self, header: Header, presence: Presence) -> None:
        """Write what stands beside the chunks; without this it is no file."""
        text = _HEADERS.dump_json([replace(header, version=VERSION)])
        self._write("presence.", vars(presence))
        self._write("", {HEADER: np.frombuffer(text, dtype=np.uint8)})
        if self._archive and self._stream and not self.error:
            with self._writing():
                self._archive.close()
                close_durably(self._stream)
                self.is_whole = True

    def append(self, read: Sequence[Block]) -> None:
        """Go on with the file that is there, and remember what was read since."""
        self.read = read

    def discard(self) -> None:
        """Give up a file that is not whole."""
        for opened in (self._archive, self._stream):
            with suppress(OSError, ValueError):  # the archive would still write its end
                if opened:
                    opened.close()
        if self._path:
            following(self._path).unlink(missing_ok=True)

    def _write(self, prefix: str, arrays: Arrays) -> None:
        if self._path is None or self.error:
            return
        with self._writing():
            if self._archive is None:
                self._stream = following(self._path).open("wb")
                self._archive = ZipFile(self._stream, "w", ZIP_STORED)
            for name, array in arrays.items():
                with self._archive.open(f"{prefix}{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.error = f"cannot write {self._path}: {error.strerror}"


@contextmanager
def signal_file(path: Path, fingerprint: str) -> Iterator[Remembered | None]:
    """What is remembered of a signal; None where nothing is.

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
        with _reading(path):
            remembered = _remembered(path, NpzFile(stream))
        header = remembered.header
        if (header.version, header.fingerprint) != (VERSION, fingerprint):
            raise StateError(f"{path} is of another version or configuration")
        yield remembered


def _remembered(path: Path, arrays: NpzFile) -> Remembered:
    header = _HEADERS.validate_json(arrays[HEADER].tobytes())[0]

    def part(prefix: str) -> Arrays:
        """The arrays whose names begin so, by the rest of their names."""
        names = [name for name in arrays.files if name.startswith(prefix)]
        return {name.removeprefix(prefix): arrays[name] for name in names}

    presences = [Presence(**part(f"{row}.presence.")) for row in range(len(header.keys))]
    if [len(presence.last) for presence in presences] != [len(keys) for keys in header.keys]:
        raise ValueError("the arrays are not of these series")

    def chunk(index: int, resume: Resume) -> Chunk:
        with _reading(path):
            stream, tail = resume(part(f"{index}.stream.")), Tail(**part(f"{index}.tail."))
        return Chunk(header.keys[index], stream, presences[index], tail, *header.chronicles[index])

    return Remembered(header, Presence(**part("presence.")), presences, chunk)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except StateError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is made of damaged bytes
        raise StateError(f"{path} is damaged ({type(error).__name__})") from None


def fingerprint(*what: object) -> str:
    """Short name of all that judgements depend on, given as what JSON knows."""
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Journal:
    """What was read of a signal since its file was written, block after block."""

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
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            for described, numbers in records(stream):
                self._length = stream.tell()
                block = self._block(described, numbers)
                if block.timestamps[0] > after:
                    yield block

    def append(self, blocks: Sequence[Block]) -> None:
        """Add blocks, for good.

        Raises:
            OSError: not all of them are there; none of them counts.
        """
        content = b"".join(map(self._record, blocks))
        with self._path.open("ab") as stream:
            stream.truncate(self._length)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())

    def drop(self) -> None:
        """Begin anew: the state is whole."""
        self._path.unlink(missing_ok=True)

    def _record(self, block: Block) -> bytes:
        """A block; series by their place among all that the journal has named so far."""
        new = [key for key in block.keys if key not in self._keys]
        self._keys |= {key: len(self._keys) + place for place, key in enumerate(new)}
        described = {
            "new": new,
            "rows": [self._keys[key] for key in block.keys],
            "steps": len(block.timestamps),
            "traffic": block.traffic is not None,
            "degraded": block.degraded,
            "partial": block.partial,
        }
        arrays = (block.timestamps, block.values, block.traffic)
        return record(described, [array for array in arrays if array is not None])

    def _block(self, described: Any, numbers: NDArray[np.float64]) -> Block:
        for key in described["new"]:
            self._keys[tuple((name, value) for name, value in key)] = len(self._keys)
        names = list(self._keys)
        series, steps = len(described["rows"]), described["steps"]
        timestamps, values, traffic = np.split(numbers, [steps, steps * (series + 1)])
        return Block(
            timestamps=timestamps,
            keys=tuple(names[row] for row in described["rows"]),
            values=values.reshape(series, steps),
            traffic=traffic.reshape(series, steps) if described["traffic"] else None,
            degraded=described["degraded"],
            partial=described["partial"],
        )
