"""How many false alarms a run may tell: control of the false discovery rate over all its series.

Thousands of series are judged at every tick, so points that are rare for one series are common
among all. What one point alone says is therefore weighed against all others of its tick: how rare
is this score for its own series (an empirical tail probability), and how many such would chance
bring among so many series (Benjamini and Hochberg 1995)? Ticks follow one another for ever, so the
rate is that of a memory that decays (Rebjock, Kurt, Januschowski and Callot, "Online false
discovery rate control for anomaly detection in time series", NeurIPS 2021): what was spent on
earlier ticks counts less and less, discoveries earn it back, and the budget never runs dry.

Pure: scores in, decisions out. An incident that is not let through here is not lost; it is told
when it lasts, or when it grows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly.config.alerting import FalseDiscovery
from anomaly.detector.arrays import Matrix

KEPT = 32
"""Largest scores that are kept of a series. Rarer than the smallest of them is all that matters."""

GENERATION = 2016
"""Points after which the older half of the past is forgotten; a week of five-minute steps."""

STEEPEST = 8.0
"""How fast a tail may fall beyond what was ever seen, as the exponent of a power law. Values of a
normal distribution would allow about as much; a series that was constant would allow anything."""


Largest = tuple[NDArray[np.float64], int]
"""The largest scores of a generation, and of how many they are."""


@dataclass(frozen=True)
class Tail:
    """The largest scores of each series in its past, in two generations."""

    recent: Matrix
    """(series, KEPT), -inf where there were fewer."""

    recent_count: NDArray[np.int64]
    """(series,), points that these are the largest of."""

    previous: Matrix
    """The generation before."""

    previous_count: NDArray[np.int64]

    @classmethod
    def empty(cls, series: int) -> Self:
        """Before anything was seen."""
        none = np.full((series, KEPT), -np.inf)
        count = np.zeros(series, dtype=np.int64)
        return cls(none, count, none, count)

    def extended(self, scores: Matrix) -> "Tail":
        """With later scores, (series, time), NaN where there is none."""
        known = ~np.isnan(scores)
        seen = np.concatenate([self.recent, np.where(known, scores, -np.inf)], axis=1)
        after = Tail(
            np.partition(seen, -KEPT, axis=1)[:, -KEPT:],
            self.recent_count + np.count_nonzero(known, axis=1),
            self.previous.copy(),
            self.previous_count.copy(),
        )
        for row in np.flatnonzero(after.recent_count > GENERATION).tolist():
            recent, previous = self._grown(row, scores[row, known[row]])
            after.recent[row], after.recent_count[row] = recent
            after.previous[row], after.previous_count[row] = previous
        return after

    def _grown(self, row: int, later: NDArray[np.float64]) -> tuple[Largest, Largest]:
        """Both generations of a series with later scores, however many come at a time."""
        recent = self.recent[row], int(self.recent_count[row])
        previous = self.previous[row], int(self.previous_count[row])
        while len(later):
            if recent[1] == GENERATION:
                previous, recent = recent, (np.full(KEPT, -np.inf), 0)
            some, later = np.split(later, [GENERATION - recent[1]])
            largest = np.partition(np.concatenate([recent[0], some]), -KEPT)[-KEPT:]
            recent = largest, recent[1] + len(some)
        return recent, previous

    def probability(self, row: int, later: NDArray[np.float64], score: float) -> float:
        """How likely so large a score is, going by the past of the series and by later scores.

        Within what was seen it is the share of scores at least as large, the new one included, so
        ties count against it and nothing is impossible. Beyond the largest, the tail goes on as
        the power law that fits the largest ones (Hill's estimator).
        """
        generations = self._grown(row, later[~np.isnan(later)])
        past = np.concatenate([largest for largest, _ in generations])
        count = sum(points for _, points in generations)
        reached = int(np.count_nonzero(past >= score))
        share = (1 + reached) / (1 + count)
        largest = np.sort(past[past > 0])[-KEPT:]
        if reached or not len(largest):
            return share
        spread = float(np.mean(np.log(largest / largest[0])))
        exponent = min(1 / spread, STEEPEST) if spread else STEEPEST
        return share * math.pow(largest[-1] / score, exponent)


@dataclass(frozen=True)
class Memory:
    """What the ticks up to a moment have spent and found; both fade."""

    at: float
    """The tick, epoch seconds."""

    spent: float
    """False discoveries that were risked; the rate itself after a long time without a discovery."""

    found: float = 0.0
    """Discoveries that were made."""

    def faded(self, tick: float, half_life_seconds: float) -> "Memory":
        """The same, as it counts at a later tick."""
        share = 0.5 ** (max(tick - self.at, 0.0) / half_life_seconds)
        return Memory(tick, self.spent * share, self.found * share)


def decide(
    before: Memory,
    tick: float,
    probabilities: Sequence[float],
    tested: int,
    control: FalseDiscovery,
) -> tuple[float, Memory]:
    """Which of the series that newly stand out at a tick are told for that alone.

    Args:
        before: of the ticks before.
        tick: epoch seconds.
        probabilities: of the candidates: series that newly stand out.
        tested: all series that were judged at the tick, candidates or not.
        control: what may be risked.

    Returns:
        The largest probability that is let through, negative if none is, and the new memory.
    """
    memory, rate = before.faded(tick, control.half_life_seconds), control.rate
    ordered = np.sort(np.asarray(probabilities, dtype=np.float64))
    level = min(max(rate * (memory.found + 1) - memory.spent, 0.0), rate)
    passing = np.flatnonzero(tested * ordered <= level * np.arange(1, len(ordered) + 1))
    through = int(passing[-1]) + 1 if len(passing) else 0
    # What could be spent is spent, whether or not anything was found for it: a calm week must not
    # save up for a bad hour.
    spent = max(memory.spent, rate * (memory.found + max(through, 1)))
    limit = float(ordered[through - 1]) if through else -1.0
    return limit, Memory(tick, spent, memory.found + through)
