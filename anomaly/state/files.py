"""Files of which no reader, and no later run, ever meets half: replaced whole, or appended to.

What is appended are records: something described, and numbers. Each has a checksum; one that a kill
or a full disk has cut off ends them. Nothing in them can run code when it is read.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

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
