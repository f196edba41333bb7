"""Scores that wait to be written: kept on the disk until the receiver has taken them.

Telling comes first, and a receiver that is down or hangs must cost nobody anything but scores. So
what a run says of series goes to a file while it judges, and is sent once everybody is told. What
is not taken stays for the next run, for a day.
"""

import json
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from anomaly.config.receivers import OUTPUTS
from anomaly.config.signals import WatchedSignal
from anomaly.detector import Replay
from anomaly.detector.arrays import Matrix
from anomaly.pipeline.preparation import Judged
from anomaly.pipeline.presence import Presence
from anomaly.prometheus.client import SeriesMatrix
from anomaly.settings import Settings
from anomaly.sinks.remote_write import Written
from anomaly.sinks.series import MetricBlock, result_series
from anomaly.state.files import close_durably, following, put

SUFFIX = ".scores"
FRAME = struct.Struct("<IQ")
"""Length of what describes some blocks, and of their numbers."""

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
        """Nothing is opened yet.

        Args:
            folder: where it waits; None where nothing outlives the run.
        """
        self._folder = folder
        self._stream: IO[bytes] | None = None
        self._path: Path | None = None
        self.error: str | None = None
        """Why scores of this run cannot be kept, if they cannot."""

    def add(self, blocks: Iterable[MetricBlock], tick: float) -> None:
        """Keep some series; what is added is sent in that order.

        Args:
            blocks: the series.
            tick: of the run, epoch seconds; names the file.
        """
        several = [block for block in blocks if block.values.size]
        if not several or self.error:
            return
        try:
            if self._stream is None:
                self._stream = self._opened(tick)
            _write(self._stream, several)
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
        """Write all that waits, the oldest first; what was taken waits no more.

        Args:
            writer: where to.
            now: epoch seconds.
        """
        self._give_up(now)
        written = Written()
        for path in self._waiting():
            with suppress(FileNotFoundError), path.open("rb") as stream:
                written += writer.send(_read(stream))
            if not written.finished:
                return written
            path.unlink(missing_ok=True)
        if self._stream:  # nothing outlives the run, or it could not be seen to
            self._stream.seek(0)
            written += writer.send(_read(self._stream))
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


def _write(stream: IO[bytes], blocks: list[MetricBlock]) -> None:
    """Blocks that have labels in common, once written down."""
    tables = {id(block.labels): block.labels for block in blocks}
    places = {table: place for place, table in enumerate(tables)}
    described = json.dumps(
        {
            "labels": [list(map(dict, table)) for table in tables.values()],
            "blocks": [
                {
                    "metric": block.metric,
                    "labels": places[id(block.labels)],
                    "shape": block.values.shape,
                }
                for block in blocks
            ],
        }
    ).encode()
    numbers = b"".join(
        part.tobytes()
        for block in blocks
        for part in (np.ascontiguousarray(block.timestamps), np.ascontiguousarray(block.values))
    )
    stream.write(FRAME.pack(len(described), len(numbers)) + described + numbers)


def _read(stream: IO[bytes]) -> Iterator[MetricBlock]:
    """All blocks of a file; one that breaks off ends where it does."""
    while len(head := stream.read(FRAME.size)) == FRAME.size:
        lengths = FRAME.unpack(head)
        described, numbers = (stream.read(length) for length in lengths)
        if len(numbers) != lengths[1]:
            return
        document: dict[str, Any] = json.loads(described)
        floats, at = np.frombuffer(numbers), 0
        tables = [tuple(table) for table in document["labels"]]
        for block in document["blocks"]:
            series, length = block["shape"]
            timestamps = floats[at : at + length]
            values = floats[at + length : at + length * (series + 1)].reshape(series, length)
            at += length * (series + 1)
            yield MetricBlock(block["metric"], tables[block["labels"]], timestamps, values)


class Recorder:
    """Puts the scores of one run into the outbox."""

    def __init__(self, settings: Settings, outbox: Outbox, tick: float) -> None:
        self._settings, self._outbox, self._tick = settings, outbox, tick
        remote = settings.results.remote_write
        self._outputs = remote.outputs if remote else OUTPUTS

    def record(
        self,
        signal: WatchedSignal,
        labels: Sequence[Mapping[str, str]],
        judged: Judged,
        after: float,
    ) -> None:
        """Keep what was said of series at the steps after a moment."""
        # A series that is gone takes its band with it.
        nothing = np.isnan(judged.score)
        edges = (judged.expected, judged.lower, judged.upper)
        expected, lower, upper = (np.where(nothing, np.nan, edge) for edge in edges)
        replay = Replay(judged.score, judged.alerting, expected, lower, upper, judged.views)
        blocks = result_series(
            signal.name,
            self._settings.detector_of(signal).method,
            SeriesMatrix(judged.timestamps, judged.values, tuple(labels)),
            replay,
            after=after,
            outputs=self._outputs,
        )
        self._outbox.add(blocks, self._tick)


def with_step_before(judged: Judged, before: Presence, step: float) -> Judged:
    """The verdict with one step more in front, at which a series is or is not as it was then.

    Where a series ends shows only beside the step before it.
    """
    moment = judged.timestamps[0] - step
    there = before.last == moment
    value, score = np.where(there, before.value, np.nan), np.where(there, 0.0, np.nan)

    def led(first: Matrix, matrix: Matrix) -> Matrix:
        return np.concatenate([first[:, None], matrix], axis=1)

    no = np.zeros((len(there), 1), dtype=np.bool_)
    return Judged(
        timestamps=np.concatenate([[moment], judged.timestamps]),
        values=led(value, judged.values),
        score=led(score, judged.score),
        alerting=np.concatenate([no, judged.alerting], axis=1),
        matters=np.concatenate([no, judged.matters], axis=1),
        expected=led(value, judged.expected),
        lower=led(value, judged.lower),
        upper=led(value, judged.upper),
        views={name: led(score, view) for name, view in judged.views.items()},
    )
