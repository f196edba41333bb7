"""What the same time of other days says, in civil time, so that a change of clocks shifts nothing.

Yesterday and the two days before vote by their median; one incident among them is outvoted. Where
it fits a series better, last week's same day speaks instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from anomaly.detection.arrays import DAY, REACH, Block, Times
from anomaly.detection.history import History

LONGEST_STEP = DAY / 4
"""A day of fewer steps has no shape."""

QUARTER = 900.0
"""Seconds; clocks are changed on full quarters of an hour."""


class Calendar:
    """Finds the tick at the same civil time some days before."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._fixed = zone is UTC
        self._offsets: dict[float, float] = {}

    def offsets(self, times: Times) -> Times:
        """Seconds that local clocks are ahead of UTC."""
        if self._fixed:
            return np.zeros(len(times))
        quarters, places = np.unique(np.floor(times / QUARTER), return_inverse=True)
        return np.array([self._offset(quarter) for quarter in quarters.tolist()])[places]

    def _offset(self, quarter: float) -> float:
        if quarter not in self._offsets:
            ahead = datetime.fromtimestamp(quarter * QUARTER, self._zone).utcoffset()
            self._offsets[quarter] = ahead.total_seconds() if ahead else 0.0
        return self._offsets[quarter]

    def before(self, times: Times, at: slice, days: int, step: float) -> NDArray[np.intp]:
        """Ticks at the same civil time `days` before the ticks `at`; -1 where there is none.

        None is further back than REACH ticks, however many are in `times`.
        """
        now = times[at]
        local = now + self.offsets(now) - days * DAY
        then = local - self.offsets(local - self.offsets(now))
        place = np.minimum(np.searchsorted(times, then - step / 2), len(times) - 1)
        near = np.abs(times[place] - then) <= step / 2
        oldest = np.arange(at.start, at.stop) - REACH
        return np.where(near & (place >= oldest), place, -1)


@dataclass(frozen=True)
class Season:
    """What some days before say together."""

    days: tuple[int, ...]
    """How many days back each of them lies, the nearest first."""

    together: Callable[[Sequence[Block]], Block]
    """What they say; NaN where they say nothing."""

    def says(self, history: History, at: slice, step: float, calendar: Calendar) -> Block:
        """What is to be expected at the ticks `at`; NaN where it says nothing.

        Args:
            history: what the ticks are of; long gaps say nothing.
            at: places in it.
            step: seconds between ticks.
            calendar: whose clocks.
        """
        blocks = []
        for days in self.days:
            places = calendar.before(history.times, at, days, step)
            said = history.known(places) & (places >= 0)[:, None]
            blocks.append(np.where(said, history.values[places], np.nan))
        return self.together(blocks)


def _median(days: Sequence[Block]) -> Block:
    """Median of three; NaN where not all are to be had, for then none could be outvoted."""
    one, two, three = days
    return np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))


def _mean(weeks: Sequence[Block]) -> Block:
    """Mean of two; the nearest where there is but one."""
    one, two = weeks
    nearest = np.where(np.isnan(one), two, one)
    return np.where(np.isnan(one + two), nearest, (one + two) / 2)


SEASONS = (Season((1, 2, 3), _median), Season((7, 14), _mean))
"""The days before, and the same day of the weeks before."""
