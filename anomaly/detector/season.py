"""What the same time of other days says, in civil time, so that a change of clocks shifts nothing.

Yesterday and the two days before vote by their median; one incident among them is outvoted. Where
it fits a series better, the same day of the weeks before speaks instead, by their median likewise.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anomaly.detector.arrays import DAY, REACH, Block, Times
from anomaly.detector.history import History

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
