"""History to replay: series on common times, with what is known of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from anomaly.detector.windows import Matrix
from anomaly.offline.recorded import Recorded
from anomaly.offline.spans import Mask, Vector

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
