"""History to replay: series on common times, with what is known of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from anomaly.grading.alerted import Alerted
from anomaly.loading.recorded import Recorded
from anomaly.signals import WatchedSignal
from anomaly.spans import Mask, Vector
from anomaly.windows import Matrix

MOST_POINTS = 4_000_000
"""Points of one piece of history, so that its replay fits into memory."""


@dataclass(frozen=True)
class History:
    """Series that share their times."""

    names: tuple[str, ...]
    """What each series is called; people can give it back to `explain`."""

    labels: tuple[Mapping[str, str], ...]
    """The labels of each."""

    timestamps: Vector
    """(time,), epoch seconds, not decreasing."""

    values: Matrix
    """(series, time), NaN where missing."""

    incidents: tuple[Mask | None, ...]
    """(time,) for each series: where there was an incident; None where nobody says."""

    graded: Mask
    """(time,): where alerts and incidents count; what comes before only teaches the detector."""

    signal: WatchedSignal | None = None
    """The signal that the series are of; None judges them as they are."""

    traffic: Matrix | None = None
    """(series, time): requests per second behind each point, where the signal has them."""

    def only(self, row: int) -> Self:
        """One of the series, alone."""
        return replace(
            self,
            names=(self.names[row],),
            labels=(self.labels[row],),
            values=self.values[[row]],
            incidents=(self.incidents[row],),
            traffic=None if self.traffic is None else self.traffic[[row]],
        )

    def alerted(self, alerting: Mask) -> Iterator[Alerted]:
        """Each series with its alerts, as far as they count.

        Args:
            alerting: (series, time), where alerts are open.
        """
        for row, labels in enumerate(self.labels):
            incidents = self.incidents[row]
            yield Alerted(
                timestamps=self.timestamps,
                present=np.isfinite(self.values[row]) & self.graded,
                alerting=alerting[row] & self.graded,
                incidents=None if incidents is None else incidents & self.graded,
                labels=labels,
                name=self.names[row],
            )


def of_recorded(series: Iterable[Recorded], *, skip_seconds: float) -> Iterator[History]:
    """Series of files; neighbours with the same times are taken together.

    Args:
        series: in any order.
        skip_seconds: time at the beginning of each that only teaches the detector.
    """
    group: list[Recorded] = []
    for each in series:
        if group and not _fits(group, each):
            yield _together(group, skip_seconds)
            group = []
        group.append(each)
    if group:
        yield _together(group, skip_seconds)


def _fits(group: list[Recorded], each: Recorded) -> bool:
    times = group[0].timestamps
    small = (len(group) + 1) * len(times) <= MOST_POINTS
    return small and np.array_equal(times, each.timestamps)


def _together(group: list[Recorded], skip_seconds: float) -> History:
    times = group[0].timestamps
    return History(
        names=tuple(each.name for each in group),
        labels=tuple(each.labels for each in group),
        timestamps=times,
        values=np.stack([each.values for each in group]),
        incidents=tuple(each.incidents for each in group),
        graded=times >= times[0] + skip_seconds,
    )
