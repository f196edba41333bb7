"""What the same time of other days says, in civil time, so that a change of clocks shifts nothing.

Yesterday and the two days before vote by their median; one incident among them is outvoted. Where
it fits a series better, the same day of the weeks before speaks instead, by their median likewise.

What comes every day or every week at the same time is no news: nightly jobs, Sunday's backup. The
strengths of the ticks are kept for some weeks. What was reached around the same civil time on most
of the last three days, or of the same days of the last three weeks, is expected to be reached
again, and only what exceeds it counts. Long steps need none of this: a daily event is a large share
of their ticks, so their bound knows it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.detector.arrays import DAY, REACH, Block, Flags, Places, Row, Times, median_of_three
from anomaly.detector.history import History
from anomaly.detector.stored import Stored, Tail

LONGEST_STEP = DAY / 4
"""A day of fewer steps has no shape."""

QUARTER = 900.0
"""Seconds; clocks are changed on full quarters of an hour."""


Number = TypeVar("Number", np.float32, np.float64)


class Calendar:
    """Finds the tick at the same civil time some days before."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._fixed = zone is UTC
        self._offsets: dict[float, float] = {}

    def offsets(self, times: Times) -> Times:
        """Seconds that local clocks are ahead of UTC."""
        if self._fixed:
            return np.zeros(times.shape)
        quarters, places = np.unique(np.floor(times / QUARTER), return_inverse=True)
        ahead = np.array([self._offset(quarter) for quarter in quarters.tolist()])
        return ahead[places.reshape(times.shape)]

    def _offset(self, quarter: float) -> float:
        if quarter not in self._offsets:
            ahead = datetime.fromtimestamp(quarter * QUARTER, self._zone).utcoffset()
            self._offsets[quarter] = ahead.total_seconds() if ahead else 0.0
        return self._offsets[quarter]

    def before(self, times: Times, at: slice, days: ArrayLike, step: float) -> Places:
        """Ticks at the same civil time `days` before the ticks `at`; -1 where there is none.

        None is further back than REACH ticks, however many are in `times`.
        """
        now = times[at]
        ahead = self.offsets(now)
        local = now + ahead - np.multiply.outer(days, DAY)[..., None]
        then = local - self.offsets(local - ahead)
        place = np.minimum(np.searchsorted(times, then - step / 2), len(times) - 1)
        near = np.abs(times[place] - then) <= step / 2
        oldest = np.arange(at.start, at.stop) - REACH
        return np.where(near & (place >= oldest), place, -1)


DAYS = (1, 2, 3)
WEEKS = (7, 14, 21)
AGREEMENT = 0.2
"""Two weeks agree when they differ by no more than that share of their distance from the days."""

SEASONS = (DAYS, WEEKS)
"""Days back that vote together: the days before, and the same day of the weeks before."""

DAILY, WEEKLY = range(len(SEASONS))


def seasonal(history: History, before: Places) -> tuple[Block, Block]:
    """What the days and the weeks before say of some ticks; NaN where they say nothing.

    The days say something when all three do, for of fewer none could be outvoted. Of the weeks one
    is enough; of two, which may differ, the one counts that is closer to what the days say.

    Args:
        history: what the ticks are of; long gaps say nothing.
        before: (seasons, 3, time), the ticks that speak, of as many of SEASONS as there is enough
            history for.

    Returns:
        (3, time, series): days, weeks, and what the last two weeks agree on where that is
        something else than what the days say, such as the job of every Sunday. And (2, time,
        series): how far the three days are apart, and the last two weeks.
    """
    voices = history.values.take(np.maximum(before, 0), axis=0)
    known = history.known(before) & (before >= 0)[..., None]
    if not known.all():
        voices[~known] = np.nan
    said = np.full((len(SEASONS) + 1, *voices.shape[2:]), np.nan)
    spreads = np.full_like(said[:-1], np.nan)
    for place, season in enumerate(voices):
        if SEASONS[place] is DAYS:
            said[place] = median_of_three(*season)
            spreads[place] = np.ptp(season, axis=0)
        elif not np.isnan(season).all():
            said[place] = _weeks(season, said[0])
            said[-1] = _agreed(said[0], season)
            spreads[place] = np.abs(season[0] - season[1])
    return said, spreads


def _agreed(days: Block, weeks: Block) -> Block:
    """What two weeks say that agree where the days are far from both; NaN elsewhere."""
    one, two, _ = weeks
    middle = (one + two) / 2
    agree = np.abs(one - two) < AGREEMENT * np.abs(middle - days)
    return np.where(agree, middle, np.nan)


def _weeks(weeks: Block, days: Block) -> Block:
    """Median of three weeks; of two, and of what the days say; what there is of fewer."""
    one, two, three = weeks
    third = np.where(np.isnan(three), days, three)
    middle = median_of_three(one, two, third)
    nearest = np.where(np.isnan(one), two, one)
    return np.where(np.isnan(middle), nearest, middle)


NO_NEWS = 2.0
"""What exceeds what recurs by no more than that is no news."""

AROUND = 900.0
"""Seconds around the same time; what recurs is not punctual to the minute."""

LONGEST_RECURRING = 1800.0
"""Seconds; longer steps are left alone. One of 48 ticks is not yet a share that the bound knows."""

Strengths = NDArray[np.float32]
ZERO = np.float32(0)


@dataclass
class Recurrence(Stored):
    """Strengths of the ticks of the history."""

    kept: Tail[np.float32]

    @classmethod
    def empty(cls, series: int) -> "Recurrence":
        """No past."""
        return cls(Tail(np.empty((0, series), np.float32)))

    @property
    def strengths(self) -> Strengths:
        """(time, series); NaN where there was none, and where none is known yet."""
        return self.kept.rows

    def extend(self, ticks: int) -> None:
        """Make room for the ticks that follow."""
        self.kept.extend(np.full((ticks, self.strengths.shape[1]), np.nan, np.float32))

    def put(self, at: slice, strengths: Block) -> None:
        """Keep the strengths of some ticks."""
        self.strengths[at] = strengths

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        self.kept.trim()

    def alone_and_loud(self, weeks: Places, bound: Row) -> Flags:
        """Where nobody outvotes what last week says, and it was itself an anomaly there.

        An incident, which is no pattern yet; or the edge of a pattern, when it was still unknown.

        Args:
            weeks: (3, time), the ticks at the same time of the weeks before.
            bound: strength from which on a tick is one.
        """
        last, earlier, _ = weeks
        alone: Flags = ((last >= 0) & (earlier < 0))[:, None]
        return alone & (self.strengths[last] > bound) if alone.any() else alone

    def usual(self, before: Places, at: slice, step: float) -> Strengths:
        """What most days, or weeks, reach around the same time, at the ticks `at`; else 0.

        Args:
            before: (seasons, 3, time), the ticks at the same time of other days.
            at: the ticks, whose own strengths are known by then.
            step: seconds between ticks.
        """
        reached = self._together(before, at, step)
        if reached is None:
            reached = np.stack(
                [[self._reached(places, at, step) for places in season] for season in before]
            )
        days, weeks = (_most(*season) for season in reached)
        return np.maximum(days, weeks)

    def _together(self, before: Places, at: slice, step: float) -> Strengths | None:
        """The largest strengths around all of the ticks at once, (seasons, 3, time, series).

        None where they do not follow one another as those do that are judged.
        """
        around, ticks = _around(step), at.stop - at.start
        first = before[..., 0]
        known = (first >= around) & (first + around < at.start)
        regular = before[known] == first[known][:, None] + np.arange(ticks)
        if not regular.all() or (before[~known] >= 0).any():
            return None
        reached = np.full((*before.shape, self.strengths.shape[1]), np.nan, np.float32)
        for voice in zip(*known.nonzero(), strict=True):
            rows = slice(first[voice] - around, first[voice] + ticks + around)
            reached[voice] = Largest(self.strengths[rows]).of(2 * around + 1)
        return reached

    def _reached(self, places: Places, at: slice, step: float) -> Strengths:
        """The largest strength around some ticks; NaN where unknown."""
        around = _around(step)
        rows = np.arange(at.start, at.stop)
        known = (places >= 0) & (places + around < rows)
        reached = np.full((len(rows), self.strengths.shape[1]), np.nan, np.float32)
        if known.any():
            first, last = places[known].min() - around, places[known].max() + around
            block = self.strengths[max(first, 0) : last + 1]
            ahead = np.full((max(-first, 0), block.shape[1]), np.nan, np.float32)
            largest = Largest(np.concatenate([ahead, block])).of(2 * around + 1)
            reached[known] = largest[places[known] - around - first]
        return reached


def _most(one: Strengths, two: Strengths, three: Strengths) -> Strengths:
    """What two of three reach; of two both; 0 where fewer are known."""
    unknown = np.isnan([one, two, three])
    if unknown.all():
        return np.zeros_like(one)
    least, most = np.fmin(one, two), np.fmax(one, two)
    middle: Strengths = np.fmax(least, np.fmin(most, three))
    if not unknown.any():
        return middle
    missing = unknown.sum(axis=0, dtype=np.int8)
    return np.where(missing == 0, middle, np.where(missing == 1, np.fmin(least, three), ZERO))


def _around(step: float) -> int:
    return int(AROUND // step)


class Largest(Generic[Number]):
    """The largest of consecutive rows, NaN only where all of them are; widths share their parts."""

    def __init__(self, rows: NDArray[Number]) -> None:
        self._of: dict[int, NDArray[Number]] = {1: rows}

    def of(self, width: int) -> NDArray[Number]:
        """Of so many rows from each row on."""
        if width not in self._of:
            half = 1 << (width - 1).bit_length() - 1
            part, rest = self.of(half), width - half
            largest: NDArray[Number] = np.fmax(part[:-rest], part[rest:])
            self._of[width] = largest
        return self._of[width]
