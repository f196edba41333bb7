"""What was read of a signal since its state was last written whole: block after block, appended.

The state of a series is a history of thousands of points; a run adds two. So a run appends what it
has read, and judges it once more in front of what is new when it goes on from the older state: the
verdicts are the same, to the last bit. Every record has a checksum; one that a kill or a full disk
has cut off ends the journal, and is read from the server again.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from anomaly.prometheus.blocks import Block, Key

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
