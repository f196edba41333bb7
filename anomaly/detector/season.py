"""What the same time of other days says, in civil time, so that a change of clocks shifts nothing.

Yesterday and the two days before vote by their median; one incident among them is outvoted. Where
it fits a series better, the same day of the weeks before speaks instead, by their median likewise.

What comes every day or every week at the same time is no news: nightly jobs, Sunday's backup. The
strengths of the ticks are kept for some weeks. What was reached around the same civil time on most
of the last three days, or of the same days of the last three weeks, is expected to be reached
again, and only what exceeds it counts. Long steps need none of this: a daily event is a large share
of their ticks, so their bound knows it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.detector.arrays import DAY, REACH, Block, Flags, Row, Times
from anomaly.detector.history import History, Tail

LONGEST_STEP = DAY / 4
"""A day of fewer steps has no shape."""

QUARTER = 900.0
"""Seconds; clocks are changed on full quarters of an hour."""


Places = NDArray[np.intp]
"""(..., time): for each of some ticks another; -1 for none."""


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


def seasonal(history: History, before: Places) -> Block:
    """What the days and the weeks before say of some ticks; NaN where they say nothing.

    The days say something when all three do, for of fewer none could be outvoted. Of the weeks one
    is enough; of two, which may differ, the one counts that is closer to what the days say.

    Args:
        history: what the ticks are of; long gaps say nothing.
        before: (seasons, 3, time), the ticks that speak, of as many of SEASONS as there is enough
            history for.

    Returns:
        (3, time, series): days, weeks, and what the last two weeks agree on where that is
        something else than what the days say, such as the job of every Sunday.
    """
    said = np.full((len(SEASONS) + 1, before.shape[-1], history.values.shape[1]), np.nan)
    for place, ticks in enumerate(before):
        voices = [_said(history, places) for places in ticks]
        if SEASONS[place] is DAYS:
            said[place] = _median(*voices)
        else:
            said[place] = _weeks(voices, said[0])
            said[-1] = _agreed(said[0], voices)
    return said


def _said(history: History, places: Places) -> Block:
    known = history.known(places) & (places >= 0)[:, None]
    return np.where(known, history.values[places], np.nan)


def _median(one: Block, two: Block, three: Block) -> Block:
    """Median of three; NaN where one is."""
    return np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))


def _agreed(days: Block, weeks: Sequence[Block]) -> Block:
    """What two weeks say that agree where the days are far from both; NaN elsewhere."""
    one, two, _ = weeks
    middle = (one + two) / 2
    agree = np.abs(one - two) < AGREEMENT * np.abs(middle - days)
    return np.where(agree, middle, np.nan)


def _weeks(weeks: Sequence[Block], days: Block) -> Block:
    """Median of three weeks; of two, and of what the days say; what there is of fewer."""
    one, two, three = weeks
    third = np.where(np.isnan(three), days, three)
    middle = _median(one, two, third)
    nearest = np.where(np.isnan(one), two, one)
    return np.where(np.isnan(middle), nearest, middle)


NO_NEWS = 2.0
"""What exceeds what recurs by no more than that is no news."""

AROUND = 900.0
"""Seconds around the same time; what recurs is not punctual to the minute."""

LONGEST_RECURRING = 1800.0
"""Seconds; longer steps are left alone. One of 48 ticks is not yet a share that the bound knows."""

Strengths = NDArray[np.float32]


@dataclass
class Recurrence:
    """Strengths of the ticks of the history."""

    _strengths: Tail[np.float32]

    @classmethod
    def empty(cls, series: int) -> "Recurrence":
        """No past."""
        return cls(Tail(np.empty((0, series), np.float32)))

    @property
    def strengths(self) -> Strengths:
        """(time, series); NaN where there was none, and where none is known yet."""
        return self._strengths.rows

    def extend(self, ticks: int) -> None:
        """Make room for the ticks that follow."""
        self._strengths.extend(np.full((ticks, self.strengths.shape[1]), np.nan, np.float32))

    def put(self, at: slice, strengths: Block) -> None:
        """Keep the strengths of some ticks."""
        self.strengths[at] = strengths

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        self._strengths.trim()

    def alone_and_loud(self, weeks: Places, bound: Row) -> Flags:
        """Where nobody outvotes what last week says, and it was itself an anomaly there.

        An incident, which is no pattern yet; or the edge of a pattern, when it was still unknown.

        Args:
            weeks: (3, time), the ticks at the same time of the weeks before.
            bound: strength from which on a tick is one.
        """
        last, earlier, _ = weeks
        alone = (last >= 0) & (earlier < 0)
        loud: Flags = alone[:, None] & (self.strengths[last] > bound)
        return loud

    def usual(self, before: Places, at: slice, step: float) -> Block:
        """What most days, or weeks, reach around the same time, at the ticks `at`; else 0.

        Args:
            before: (seasons, 3, time), the ticks at the same time of other days.
            at: the ticks, no more than `horizon(step)` of them.
            step: seconds between ticks.
        """
        reached: Iterable[Iterable[Block]] | None = self._together(before, at, step)
        if reached is None:
            reached = ([self._reached(places, at, step) for places in season] for season in before)
        days, weeks = (_most(*season) for season in reached)
        return np.maximum(days, weeks)

    def _together(self, before: Places, at: slice, step: float) -> Block | None:
        """The largest strengths around all of the ticks at once, (seasons, 3, time, series).

        None where they do not follow one another as those do that are judged.
        """
        around, ticks = _around(step), at.stop - at.start
        first = before[..., 0]
        known = (first >= around) & (first + around <= at.start - horizon(step))
        regular = before[known] == first[known][:, None] + np.arange(ticks)
        if not regular.all() or (before[~known] >= 0).any():
            return None
        reached = np.full((*before.shape, self.strengths.shape[1]), np.nan)
        if known.any():
            rows = first[known][:, None] + np.arange(-around, ticks + around)
            block = np.moveaxis(self.strengths[rows], 1, 0)
            reached[known] = np.moveaxis(largest_of(block, 2 * around + 1), 0, 1)
        return reached

    def _reached(self, places: Places, at: slice, step: float) -> Block:
        """The largest strength around some ticks; NaN where unknown."""
        around = _around(step)
        rows = np.arange(at.start, at.stop)
        # Not so near that it might belong to the ticks that are being judged.
        known = (places >= 0) & (places + around <= rows - horizon(step))
        reached = np.full((len(rows), self.strengths.shape[1]), np.nan)
        if known.any():
            first, last = places[known].min() - around, places[known].max() + around
            block = self.strengths[max(first, 0) : last + 1]
            ahead = np.full((max(-first, 0), block.shape[1]), np.nan, np.float32)
            largest = largest_of(np.concatenate([ahead, block]), 2 * around + 1)
            reached[known] = largest[places[known] - around - first]
        return reached

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {"strengths": self.strengths}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Recurrence":
        """The recurrence that gave that state."""
        return cls(Tail(np.array(state["strengths"], np.float32)))


def _most(one: Block, two: Block, three: Block) -> Block:
    """What two of three reach; of two both; 0 where fewer are known."""
    known = sum((~np.isnan(each)).astype(np.intp) for each in (one, two, three))
    middle = np.fmax(np.fmin(one, two), np.fmin(np.fmax(one, two), three))
    least = np.fmin(np.fmin(one, two), three)
    return np.where(known == len(DAYS), middle, np.where(known > 1, least, 0.0))


def horizon(step: float) -> int:
    """So many ticks can be judged at a time without one of them recurring in another.

    A day later; of long steps, of which only weeks are asked for, a week later.
    """
    if step > LONGEST_RECURRING:
        return max(int(WEEKS[0] * DAY // step) - 1, 1)
    return int(DAY // step) - _around(step) - 1


def _around(step: float) -> int:
    return int(AROUND // step)


def largest_of(block: Block, width: int) -> Block:
    """Largest of `width` rows from each row on; NaN only where all of them are."""
    have = 1
    while have < width:
        more = min(have, width - have)
        block = np.fmax(block[:-more], block[more:])
        have += more
    return block
