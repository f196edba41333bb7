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


Held = Callable[[], Matrix]
"""Gives values back that wait somewhere."""


@dataclass(frozen=True)
class _Fragment:
    """A block's values of a chunk."""

    step: int
    """Number of its first step."""
    values: Held
    traffic: Held | None


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
        self._rows = {
            key: (index, row)
            for index, chunk in enumerate(self.chunks)
            for row, key in enumerate(chunk)
        }
        self._times: list[NDArray[np.float64]] = []
        self._anything: list[NDArray[np.bool_]] = []
        self._whole: list[NDArray[np.bool_]] = []
        self._fragments: list[list[_Fragment]] = [[] for _ in self.chunks]
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
        begins: dict[int, int] = {}
        if not block.degraded:
            begins = self._admit_all(block, finite)
        nowhere = (-1, 0)
        places = np.array([self._rows.get(key, nowhere) for key in block.keys], dtype=np.intp)
        places = places.reshape(-1, 2)
        for index, keys in enumerate(self.chunks):
            here = places[:, 0] == index
            rows, traffic = places[here, 1], block.traffic
            values = _spread(block.values[here], rows, len(keys))
            if block.degraded:
                values.fill(np.nan)
            beside = None if traffic is None else _spread(traffic[here], rows, len(keys))
            self._keep(index, values, beside, begins.get(index, 0))
        self._times.append(block.timestamps)
        self._anything.append(np.any(finite, axis=0, keepdims=True)[0])
        self._whole.append(np.full(length, not (block.degraded or block.partial)))
        self._steps += length

    def chunk(self, index: int) -> Reading:
        """All that was read of a chunk's series, from the first step of the first of them on."""
        fragments, count = self._fragments[index], len(self.chunks[index])
        begin = slice(fragments[0].step, None)
        values = [_grown(part.values(), count) for part in fragments]
        traffic = [_grown(part.traffic(), count) for part in fragments if part.traffic]
        return Reading(
            timestamps=self.timestamps[begin],
            values=np.concatenate(values, axis=1),
            traffic=np.concatenate(traffic, axis=1) if traffic else None,
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

    def _admit_all(self, block: Block, finite: NDArray[np.bool_]) -> dict[int, int]:
        """Make room for series that are new; by new chunk, the step of the block it begins with."""
        there = [
            row for row in np.flatnonzero(finite.any(axis=1)) if block.keys[row] not in self._rows
        ]
        begins: dict[int, int] = {}
        runs = np.zeros(len(there), np.intp)
        if self._runs:
            since, interval = self._runs
            came = block.timestamps[finite[there].argmax(axis=1)]
            runs = np.maximum(np.ceil((came - since) / interval), 0).astype(np.intp)
        for place in np.argsort(runs, kind="stable"):
            if self._admit(block.keys[there[place]], int(runs[place])) and runs[place]:
                before = since + (runs[place] - 1) * interval
                first = np.searchsorted(block.timestamps, before, side="right")
                begins[len(self.chunks) - 1] = int(first)
        return begins

    def _admit(self, key: Key, run: int) -> bool:
        """Make room beside others that are new, if there is any; whether a new chunk was needed."""
        has_room = len(self.chunks) > self._known and len(self.chunks[-1]) < CHUNK_SERIES
        new = not has_room or run != self._run
        if new:
            self.chunks.append(())
            self._fragments.append([])
        self._run = run
        self._rows[key] = (len(self.chunks) - 1, len(self.chunks[-1]))
        self.chunks[-1] = (*self.chunks[-1], key)
        return new

    def _keep(self, index: int, values: Matrix, traffic: Matrix | None, begin: int) -> None:
        self._fragments[index].append(
            _Fragment(
                self._steps + begin,
                self._held(values[:, begin:]),
                None if traffic is None else self._held(traffic[:, begin:]),
            )
        )

    def _held(self, array: Matrix) -> Held:
        """Let values wait in memory, or in the file once there are many."""
        self._waiting += array.size
        try:
            if self._waiting > IN_MEMORY and self._file is None:
                self._file = _temporary_file()
            if self._file is not None:
                return self._written(self._file, array)
        except OSError:
            pass  # there is no disk, or it is full; memory has to do
        return lambda: array

    def _written(self, file: IO[bytes], array: Matrix) -> Held:
        place, (shape, length) = file.seek(0, 2), (array.shape, array.nbytes)
        rest = np.ascontiguousarray(array).data.cast("B")
        while rest:  # an unbuffered file may take a part at a time
            rest = rest[file.write(rest) :]

        def read() -> Matrix:
            file.seek(place)
            return np.frombuffer(file.read(length)).reshape(shape)

        return read


def _temporary_file() -> IO[bytes]:
    """A file that goes with the process."""
    return tempfile.TemporaryFile(buffering=0)


def _grown(values: Matrix, count: int) -> Matrix:
    """With rows for series that came later."""
    return _spread(values, np.arange(len(values)), count)


def _spread(values: Matrix, rows: NDArray[np.intp], count: int) -> Matrix:
    """Rows where they belong; NaN where there are none."""
    spread = np.full((count, values.shape[1]), np.nan)
    spread[rows] = values
    return spread
