"""All series of a signal: in which chunk each of them lies, and whether there are any at all."""

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from anomaly.alerting.incidents import Chronicle, follow
from anomaly.blocks import Block, Key
from anomaly.chunks import CHUNK_SERIES, Chunk, Episode, Method, Outcome, certain
from anomaly.detector import Detector
from anomaly.presence import Presence
from anomaly.state import Remembered
from anomaly.windows import Matrix

FEW = 5
"""Up to so many series may all be gone at once because their services are. When more are, it is the
query or those who collect the metrics, and that is one incident of the signal."""

SPARE_CHUNKS = 8
"""Chunks beyond those that the series need, from which on it is time to begin anew: each time that
series appear, a chunk is made for them."""

SLICE_SAMPLES = 1 << 17
"""Samples that are judged at once; judging makes some thirty arrays of that size."""

WHOLE: Key = ()
"""Stands for all series of a signal."""


class Roster:
    """The series of a signal."""

    def __init__(self, detector: Detector, remembered: Remembered | None) -> None:
        self._detector = detector
        self.chunks = list(remembered.chunks) if remembered else []
        self._presence = remembered.presence if remembered else Presence.unknown(1)
        self._silence = remembered.silence if remembered else Chronicle()
        self._rows: dict[Key, tuple[int, int]] = {}
        for index, chunk in enumerate(self.chunks):
            self._rows |= {key: (index, row) for row, key in enumerate(chunk.keys)}

    def remembered(self, until: float) -> Remembered:
        """What there is to remember."""
        return Remembered(until, tuple(self.chunks), self._presence, self._silence)

    def alive(self, at: float, dead_after_seconds: float) -> list[Key]:
        """Series that are not forgotten."""
        return [
            key
            for chunk in self.chunks
            for key, alive in zip(
                chunk.keys, chunk.alive(at, dead_after_seconds).tolist(), strict=True
            )
            if alive
        ]

    def is_worn(self, at: float, dead_after_seconds: float) -> bool:
        """Whether so many series have come and gone that it is better to begin anew."""
        alive = len(self.alive(at, dead_after_seconds))
        needed = ceil(len(self._rows) / CHUNK_SERIES)
        return len(self.chunks) > needed + SPARE_CHUNKS or len(self._rows) > 2 * alive

    def judge(self, block: Block, method: Method) -> Iterator[tuple[Chunk, Presence, Outcome]]:
        """Judge a block: chunk by chunk, each in slices of time; with what was known before.

        Of a block that is not whole nothing is judged: what is missing may exist, and what is
        there may be too little.
        """
        self._admit(block.keys)
        heard = self._heard(block)
        places = np.array([self._rows[key] for key in block.keys], dtype=np.intp).reshape(-1, 2)
        for index, chunk in enumerate(self.chunks):
            here, count = places[:, 0] == index, len(chunk.keys)
            rows = places[here, 1]
            steps = max(SLICE_SAMPLES // count, 1)
            for start in range(0, len(block.timestamps), steps):
                part = slice(start, start + steps)
                values = _spread(block.values[here, part], rows, count)
                if block.degraded:
                    values.fill(np.nan)
                traffic = block.traffic
                if traffic is not None:
                    traffic = _spread(traffic[here, part], rows, count)
                before, times = chunk.presence, block.timestamps[part]
                yield chunk, before, chunk.feed(times, values, traffic, heard[part], method)

    def listen(self, block: Block, method: Method) -> list[Episode]:
        """Follow whether the signal has any series; what was over of its silence."""
        steps = 0 if len(self._rows) <= FEW else method.preparation.signal.steps_to_absence
        there = np.where(_anything(block), 1.0, np.nan)[None]
        always = np.full(len(block.timestamps), not block.degraded)
        self._presence, judged = self._presence.seen(block.timestamps, there, always, steps)
        self._silence, over = follow(self._silence, judged, None, certain, method.presence_rules)
        return [Episode(WHOLE, incident) for _, incident in over]

    def _admit(self, keys: Sequence[Key]) -> None:
        """Make room for series that are new."""
        new = [key for key in keys if key not in self._rows]
        for start in range(0, len(new), CHUNK_SERIES):
            part = new[start : start + CHUNK_SERIES]
            self._rows |= {key: (len(self.chunks), row) for row, key in enumerate(part)}
            self.chunks.append(Chunk.new(part, self._detector.stream(len(part))))

    def _heard(self, block: Block) -> NDArray[np.bool_]:
        """At which steps it says something that a series is not there."""
        if block.degraded:
            return np.zeros(len(block.timestamps), dtype=np.bool_)
        return _anything(block) if len(self._rows) > FEW else np.ones_like(_anything(block))

    @property
    def open(self) -> list[Episode]:
        """Incidents that go on."""
        silence = [Episode(WHOLE, incident) for incident in self._silence.open.values()]
        return silence + [episode for chunk in self.chunks for episode in chunk.open]


def _anything(block: Block) -> NDArray[np.bool_]:
    anything: NDArray[np.bool_] = np.any(np.isfinite(block.values), axis=0)
    return anything


def _spread(values: Matrix, rows: NDArray[np.intp], count: int) -> Matrix:
    """Rows where they belong; NaN where there are none."""
    spread = np.full((count, values.shape[1]), np.nan)
    spread[rows] = values
    return spread
