"""Scores that wait to be written: kept on the disk until the receiver has taken them.

Telling comes first, and a receiver that is down or hangs must cost nobody anything but scores. So
what a run says of series goes to a file while it judges, and is sent once everybody is told. What
is not taken stays for the next run, for a day.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from anomaly.sinks.remote_write import Written
from anomaly.sinks.series import MetricBlock
from anomaly.state.files import close_durably, following, put, record, records

SUFFIX = ".scores"
KEPT_SECONDS = 24 * 3600.0
"""Scores that are older are given up: nobody asks any more how unusual yesterday was."""

MOST_BYTES = 256 * 1024**2
"""Bytes that may wait; beyond them the oldest are given up."""


class Writer(Protocol):
    """Where series are written."""

    def send(self, blocks: Iterable[MetricBlock]) -> Written:
        """Write series."""


class Outbox:
    """What waits of earlier runs, and what this one adds."""

    def __init__(self, folder: Path | None) -> None:
        """Nothing is opened yet."""
        self._folder = folder
        self._stream: IO[bytes] | None = None
        self._path: Path | None = None
        self.error: str | None = None
        """Why scores of this run cannot be kept, if they cannot."""

    def add(self, blocks: Iterable[MetricBlock], tick: float) -> None:
        """Keep some series; what is added is sent in that order."""
        several = [block for block in blocks if block.values.size]
        if not several or self.error:
            return
        try:
            if self._stream is None:
                self._stream = self._opened(tick)
            self._stream.write(_record(several))
        except OSError as error:
            self.error = f"scores cannot be kept until they are written: {error.strerror}"

    def commit(self) -> None:
        """Let what was added outlive the run.

        Raises:
            OSError: it does not.
        """
        if self._stream and self._path and not self.error:
            close_durably(self._stream)
            self._stream = None
            put(self._path)

    def send(self, writer: Writer, *, now: float) -> Written:
        """Write all that waits, the oldest first; what was taken waits no more."""
        self._give_up(now)
        written = Written()
        for path in self._waiting():
            with suppress(FileNotFoundError), path.open("rb") as stream:
                written += writer.send(_blocks(stream))
            if not written.finished:
                return written
            path.unlink(missing_ok=True)
        if self._stream:  # nothing outlives the run, or it could not be seen to
            self._stream.seek(0)
            written += writer.send(_blocks(self._stream))
        return written

    def close(self) -> None:
        """Forget what does not outlive the run."""
        if self._stream:
            with suppress(OSError):
                self._stream.close()

    def _opened(self, tick: float) -> IO[bytes]:
        if self._folder is None:
            return tempfile.TemporaryFile()
        self._path = self._folder / f"{tick:.0f}{SUFFIX}"
        return following(self._path).open("w+b")

    def _waiting(self) -> list[Path]:
        if self._folder is None:
            return []
        return sorted(self._folder.glob(f"*{SUFFIX}"), key=_tick)

    def _give_up(self, now: float) -> None:
        waiting = self._waiting()
        held = 0
        for path in reversed(waiting):
            held += path.stat().st_size
            if held > MOST_BYTES or _tick(path) < now - KEPT_SECONDS:
                path.unlink(missing_ok=True)


def _tick(path: Path) -> float:
    name = path.name.removesuffix(SUFFIX)
    return float(name) if name.isdecimal() else 0.0


def _record(blocks: Sequence[MetricBlock]) -> bytes:
    """Blocks; labels that they have in common are written down once."""
    tables = {id(block.labels): block.labels for block in blocks}
    places = {table: place for place, table in enumerate(tables)}
    described = {
        "labels": [list(map(dict, table)) for table in tables.values()],
        "blocks": [(each.metric, places[id(each.labels)], each.values.shape) for each in blocks],
    }
    return record(described, [part for each in blocks for part in (each.timestamps, each.values)])


def _blocks(stream: IO[bytes]) -> Iterator[MetricBlock]:
    """All blocks of a file; one that breaks off ends where it does."""
    for described, numbers in records(stream):
        tables, at = [tuple(table) for table in described["labels"]], 0
        for metric, table, (series, length) in described["blocks"]:
            end = at + length * (series + 1)
            timestamps, values = np.split(numbers[at:end], [length])
            yield MetricBlock(metric, tables[table], timestamps, values.reshape(series, length))
            at = end
