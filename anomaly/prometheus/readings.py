"""What was read of a signal in a run, as it is judged: all steps of some series at a time.

It comes the other way: all series of some steps. Little of it waits in memory, much of it in a
temporary file, so that there may be more of it than memory holds.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import Matrix
from anomaly.prometheus.blocks import Block, Key

CHUNK_SERIES = 256
"""Series that are judged together: enough that numpy's work outweighs Python's, few enough for
their memory, which is some hundred KiB each, to fit beside everything else."""

FEW = 5
"""Up to so many series may all be gone at once because their services are. When more are, it is the
query or those who collect the metrics, and that is one incident of the signal."""

IN_MEMORY = 2_000_000
"""Samples that wait in memory; what is more goes to a file."""


@dataclass(frozen=True)
class Reading:
    """All that was read of some series; (series, time)."""

    timestamps: NDArray[np.float64]
    values: Matrix
    """NaN where nothing is, and where an answer was not whole."""

    traffic: Matrix | None
    """Requests per second behind each value."""

    heard: NDArray[np.bool_]
    """(time,), whether it says something that a series is not there."""

    def part(self, steps: slice) -> "Reading":
        """Some of the steps."""
        traffic = None if self.traffic is None else self.traffic[:, steps]
        return Reading(self.timestamps[steps], self.values[:, steps], traffic, self.heard[steps])


@dataclass(frozen=True)
class _Part:
    """A block of all series, as it waits."""

    start: int
    """Number of its first step."""
    places: NDArray[np.intp]
    """(series, 2): chunk and row within it; no chunk for series of which nothing is taken."""
    values: Matrix
    traffic: Matrix | None


class Readings:
    """What was read of a signal, by chunks of series."""

    def __init__(
        self, chunks: Sequence[tuple[Key, ...]] = (), runs: tuple[float, float] | None = None
    ) -> None:
        """Without any steps yet.

        Args:
            chunks: series that are known, as they are judged together.
            runs: epoch seconds of the tick that a first run looked at, and seconds between runs,
                where all of the past is read at once: series that came later are judged with those
                that came in the same run, and from its first tick on.
        """
        self._runs, self._run = runs, 0
        self.chunks: list[tuple[Key, ...]] = list(chunks)
        self._known = len(chunks)
        self._begins = [0 for _ in chunks]
        """Number of the step from which on each chunk is judged."""
        self._rows = {
            key: (index, row)
            for index, chunk in enumerate(self.chunks)
            for row, key in enumerate(chunk)
        }
        self._times: list[NDArray[np.float64]] = []
        self._anything: list[NDArray[np.bool_]] = []
        self._whole: list[NDArray[np.bool_]] = []
        self._parts: list[_Part] = []
        self._steps = self._waiting = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    @property
    def steps(self) -> int:
        """Steps that were read."""
        return self._steps

    def add(self, block: Block) -> None:
        """Take in the steps that follow.

        A series without any value is none. Of a block that is degraded nothing is taken: what is
        missing may exist, and what is there may be too little. Of one that is partial all is, but
        it says of no series that it is not there.
        """
        length, finite = len(block.timestamps), np.isfinite(block.values)
        nowhere = (-1, 0)
        places = np.full((len(block.keys), 2), nowhere, np.intp)
        if not block.degraded:
            self._admit_all(block, finite)
            for row, key in enumerate(block.keys):
                places[row] = self._rows.get(key, nowhere)
        traffic = None if block.traffic is None else self._held(block.traffic)
        self._parts.append(_Part(self._steps, places, self._held(block.values), traffic))
        self._times.append(block.timestamps)
        self._anything.append(np.any(finite, axis=0, keepdims=True)[0])
        self._whole.append(np.full(length, not (block.degraded or block.partial)))
        self._steps += length

    def chunk(self, index: int) -> Reading:
        """All that was read of a chunk's series, from the first step of the first of them on."""
        begin = slice(self._begins[index], None)
        return Reading(
            timestamps=self.timestamps[begin],
            values=self._gathered(index, lambda part: part.values),
            traffic=None
            if self._parts[0].traffic is None
            else self._gathered(index, lambda part: part.traffic),
            heard=self._heard[begin],
        )

    @property
    def keys(self) -> tuple[Key, ...]:
        """All series, known or new."""
        return tuple(self._rows)

    @property
    def all_series(self) -> Reading:
        """One row for the signal: whether there was any series, where that means anything."""
        there = np.where(np.concatenate(self._anything), 1.0, np.nan)[None]
        return Reading(self.timestamps, there, None, np.concatenate(self._whole))

    @property
    def are_few(self) -> bool:
        """Whether all series may be gone at once because their services are."""
        return len(self._rows) <= FEW

    @property
    def timestamps(self) -> NDArray[np.float64]:
        """(time,), epoch seconds of all steps."""
        return np.concatenate(self._times)

    @property
    def _heard(self) -> NDArray[np.bool_]:
        whole = np.concatenate(self._whole)
        return whole if self.are_few else whole & np.concatenate(self._anything)

    def _gathered(self, index: int, of: Callable[[_Part], Matrix | None]) -> Matrix:
        """The rows of a chunk, put together from all blocks; NaN where there are none."""
        begin = self._begins[index]
        whole = np.full((len(self.chunks[index]), self._steps - begin), np.nan)
        for part in self._parts:
            block, here = of(part), part.places[:, 0] == index
            if block is not None:
                rows = block[here, max(begin - part.start, 0) :]
                at = max(part.start - begin, 0)
                whole[part.places[here, 1], at : at + rows.shape[1]] = rows
        return whole

    def _admit_all(self, block: Block, finite: NDArray[np.bool_]) -> None:
        """Make room for series that are new; those that came in later runs begin with them."""
        there = [
            row for row in np.flatnonzero(finite.any(axis=1)) if block.keys[row] not in self._rows
        ]
        runs = np.zeros(len(there), np.intp)
        if self._runs:
            since, interval = self._runs
            came = block.timestamps[finite[there].argmax(axis=1)]
            runs = np.maximum(np.ceil((came - since) / interval), 0).astype(np.intp)
        for place in np.argsort(runs, kind="stable"):
            run, begin = int(runs[place]), 0
            if run:
                before = since + (run - 1) * interval
                begin = int(np.searchsorted(block.timestamps, before, side="right"))
            self._admit(block.keys[there[place]], run, self._steps + begin)

    def _admit(self, key: Key, run: int, begin: int) -> None:
        """Make room beside others that are new, if there is any, or in a chunk that begins."""
        has_room = len(self.chunks) > self._known and len(self.chunks[-1]) < CHUNK_SERIES
        if not has_room or run != self._run:
            self.chunks.append(())
            self._begins.append(begin)
        self._run = run
        self._rows[key] = (len(self.chunks) - 1, len(self.chunks[-1]))
        self.chunks[-1] = (*self.chunks[-1], key)

    def _held(self, array: Matrix) -> Matrix:
        """Let values wait in memory, or in the file once there are many."""
        self._waiting += array.size
        if self._waiting <= IN_MEMORY or not array.size:
            return array
        try:
            self._file = file = self._file or _temporary_file()
            place, rest = file.seek(0, 2), np.ascontiguousarray(array).data.cast("B")
            while rest:  # an unbuffered file may take a part at a time
                rest = rest[file.write(rest) :]
            return np.memmap(file, np.float64, "r", place, array.shape)
        except OSError:
            return array  # there is no disk, or it is full; memory has to do


def _temporary_file() -> IO[bytes]:
    """A file that goes with the process."""
    return tempfile.TemporaryFile(buffering=0)
