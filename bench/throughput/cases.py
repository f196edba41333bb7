"""What is measured: so many series of so many points, by one method."""

from dataclasses import dataclass
from typing import Literal

Work = Literal["replay", "tick", "copy"]
"""Judge a whole history; judge one new point of every series; only copy the numbers."""

POINTS = 4_032
"""Two weeks of five minutes: what the CronJob replays."""

CHUNK = 256
"""Series that are replayed at once; what bounds memory."""


@dataclass(frozen=True)
class Case:
    """One measurement."""

    method: str
    """`ours`, or a peer's adapter."""

    work: Work
    """What is done."""

    series: int
    """How many series."""

    points: int
    """How many points of each; for `tick`, how many are fed one by one."""

    chunk: int = CHUNK
    """How many series at once."""

    @property
    def samples(self) -> int:
        """Points of all series."""
        return self.series * self.points


@dataclass(frozen=True)
class Cost:
    """What a case took."""

    wall: float
    """Seconds on the clock."""

    cpu: float
    """Seconds of processor time."""

    peak: int
    """Bytes of memory that the process ever used at once, interpreter and libraries included."""

    samples: int
    """Points that were judged."""

    @property
    def rate(self) -> float:
        """Samples per second of one core."""
        return self.samples / self.cpu


FEW = (1, 10, 100)
MANY, FEW_POINTS = 100_000, 403  # as many samples as 10,000 series of two weeks
LONG = 100_000
PEER_SERIES = 4
TICKS = 12

STANDARD = Case("ours", "replay", 1_000, POINTS, chunk=1_000)
"""What the bar for speed is about, and what the shares are of."""

COPY = Case("ours", "copy", 20_000, POINTS, chunk=1_000)
LARGEST = Case("ours", "replay", 10_000, POINTS)
"""What the bar for memory is about."""

LONGEST = Case("ours", "replay", 1, LONG)

REPLAYS = (
    *(Case("ours", "replay", size, POINTS) for size in FEW),
    STANDARD,
    LARGEST,
    Case("ours", "replay", MANY, FEW_POINTS),
    LONGEST,
)
TICKING = tuple(
    Case("ours", "tick", size, TICKS, chunk=min(size, 1_000))
    for size in (*FEW, STANDARD.series, LARGEST.series, MANY)
)


def beside(adapter: str) -> Case:
    """The case for a peer: as much of the standard one as shows its rate."""
    return Case(adapter, "replay", PEER_SERIES, POINTS)
