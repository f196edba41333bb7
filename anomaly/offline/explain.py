"""Why a series was flagged: what was expected, who spoke, since when, and how often before.

Pure: from what the detector said of one series to one explanation. Telling it lies elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly.offline.spans import Mask, Vector

Places = NDArray[np.intp]

SHOWN_POINTS = 12
"""Points around the one that is explained."""


@dataclass(frozen=True)
class Verdicts:
    """What the detector said of one series; all arrays are (time,)."""

    name: str
    """Which series."""

    timestamps: Vector
    """Epoch seconds, not decreasing."""

    values: Vector
    """NaN where missing."""

    expected: Vector
    """NaN while too little was known."""

    lower: Vector
    """Lower edge of what was normal."""

    upper: Vector
    """Upper edge of what was normal."""

    score: Vector
    """1 is the threshold; NaN where there was nothing to judge."""

    alerting: Mask
    """Where an alert was open."""

    matters: Mask
    """Where the value was outside of what was normal, on a side and by a distance that matters."""

    views: Mapping[str, Vector]
    """Score of each view."""


@dataclass(frozen=True)
class Moment:
    """One point."""

    time: float
    """Epoch seconds."""

    value: float
    """What was measured."""

    expected: float
    """What was expected; NaN while too little was known."""

    lower: float
    """Lower edge of what was normal."""

    upper: float
    """Upper edge of what was normal."""

    score: float
    """1 is the threshold."""

    alerting: bool
    """Whether an alert was open."""

    views: tuple[tuple[str, float], ...]
    """Views and their scores, the strongest first."""


@dataclass(frozen=True)
class Episode:
    """One alert."""

    since: float
    """Epoch seconds of its first point."""

    last: float
    """Epoch seconds of its last point."""

    open: bool
    """Whether it goes on at the end of the history."""

    points: int
    """Points while it was open."""

    outside: int
    """Those of them that were outside of what was normal."""

    worst: Moment
    """The point with the highest score of those outside."""


@dataclass(frozen=True)
class Explanation:
    """Why a series was flagged, or why it was not."""

    name: str
    """Which series."""

    start: float
    """Epoch seconds at which the history begins."""

    end: float
    """Epoch seconds at which it ends."""

    points: int
    """Points with values in it."""

    alert: Episode | None
    """The alert that is explained; None where none was open."""

    moment: Moment
    """The point that is explained: the worst of the alert, or the one that was asked for."""

    before: tuple[Episode, ...]
    """Earlier alerts, the newest first."""

    around: tuple[Moment, ...]
    """Points around that moment, oldest first."""


def explain(verdicts: Verdicts, at: float | None = None) -> Explanation:
    """Explain the alert that was open at a time, or the newest one.

    Args:
        verdicts: of a series with at least one value.
        at: epoch seconds within the history; None for the newest alert or, where there is none,
            for the highest score.
    """
    times = verdicts.timestamps
    present = np.flatnonzero(np.isfinite(verdicts.values))
    runs = _runs(verdicts.alerting)
    chosen = next((run for run in reversed(runs) if _covers(times[run], at)), None)
    if chosen:
        place = _worst(verdicts, np.arange(chosen.start, chosen.stop))
    elif at is None:
        place = _worst(verdicts, present)
    else:
        earlier = int(np.searchsorted(times[present], at, side="right")) - 1
        place = int(present[max(earlier, 0)])
    begin = chosen.start if chosen else place
    return Explanation(
        name=verdicts.name,
        start=float(times[0]),
        end=float(times[-1]),
        points=len(present),
        alert=_episode(verdicts, chosen) if chosen else None,
        moment=_moment(verdicts, place),
        before=tuple(_episode(verdicts, run) for run in reversed(runs) if run.stop <= begin),
        around=tuple(_moment(verdicts, each) for each in _around(present, place)),
    )


def _runs(alerting: Mask) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], alerting, [False]])))
    return [slice(*pair) for pair in edges.reshape(-1, 2).tolist()]


def _covers(times: Vector, at: float | None) -> bool:
    return at is None or bool(times[0] <= at <= times[-1])


def _worst(verdicts: Verdicts, places: Places) -> int:
    """The highest score of those that matter, or of all where none does."""
    mattering = places[verdicts.matters[places]]
    places = mattering if len(mattering) else places
    scores = np.nan_to_num(verdicts.score[places], nan=-1.0)
    return int(places[int(scores.argmax())])


def _around(present: Places, place: int) -> list[int]:
    """The points that are shown, as many before as after where there are so many."""
    middle = int(np.searchsorted(present, place))
    first = max(0, min(middle - SHOWN_POINTS // 2, len(present) - SHOWN_POINTS))
    shown: list[int] = present[first : first + SHOWN_POINTS].tolist()
    return shown


def _episode(verdicts: Verdicts, run: slice) -> Episode:
    times = verdicts.timestamps
    return Episode(
        since=float(times[run.start]),
        last=float(times[run.stop - 1]),
        open=run.stop == len(times),
        points=run.stop - run.start,
        outside=int(np.count_nonzero(verdicts.matters[run])),
        worst=_moment(verdicts, _worst(verdicts, np.arange(run.start, run.stop))),
    )


def _moment(verdicts: Verdicts, place: int) -> Moment:
    views = [(name, float(scores[place])) for name, scores in verdicts.views.items()]
    return Moment(
        time=float(verdicts.timestamps[place]),
        value=float(verdicts.values[place]),
        expected=float(verdicts.expected[place]),
        lower=float(verdicts.lower[place]),
        upper=float(verdicts.upper[place]),
        score=float(verdicts.score[place]),
        alerting=bool(verdicts.alerting[place]),
        views=tuple(sorted(views, key=lambda view: (-view[1], view[0]))),
    )
