"""Why a series was flagged: what was expected, who spoke, since when, and how often before.

Pure: from what the detector said of one series to one explanation, in words and as a document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly.detector import THRESHOLD
from anomaly.offline.grade import Mask, Vector
from anomaly.texts import amount, bounds, document, duration, share, table, utc

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


SHOWN_BEFORE = 5
"""Earlier alerts that are listed; all are counted."""

NOT_TOLD = ": the score is above the threshold, but too small a deviation, or too brief to be told"


def as_text(of: Explanation) -> str:
    """What people read."""
    return "\n".join(_lines(of))


def _lines(of: Explanation) -> Iterator[str]:
    yield of.name
    yield f"{of.points} points from {utc(of.start)} to {utc(of.end)}"
    yield ""
    yield _headline(of)
    yield from _reasons(of.moment)
    yield f"before     {_before(of)}"
    for episode in of.before[:SHOWN_BEFORE]:
        yield f"           {_episode_line(episode)}"
    yield ""
    yield table(
        ("TIME", "VALUE", "EXPECTED", "NORMAL", "SCORE", ""), [_row(of, at) for at in of.around]
    )


def _headline(of: Explanation) -> str:
    alert = of.alert
    if not alert:
        told = "" if of.moment.score < THRESHOLD else NOT_TOLD
        return f"no alert at {utc(of.moment.time)}{told}"
    over = "still open" if alert.open else f"over at {utc(alert.last)}"
    return f"alert since {utc(alert.since)}, {over}: {_length(alert)}"


def _reasons(moment: Moment) -> Iterator[str]:
    yield f"at         {utc(moment.time)}"
    if not isfinite(moment.value):
        yield "value      none: the series is absent"
        return
    yield f"value      {amount(moment.value)}"
    if isfinite(moment.expected):
        yield f"expected   {amount(moment.expected)}, normal {bounds(moment.lower, moment.upper)}"
        yield f"deviation  {_deviation(moment)}"
    else:
        yield "expected   nothing yet: too little history"
    yield f"score      {share(moment.score)}, the threshold is {THRESHOLD:g}"
    spoke = [f"{name} {share(score)}" for name, score in moment.views if score >= THRESHOLD]
    quiet = [f"{name} {share(score)}" for name, score in moment.views if not score >= THRESHOLD]
    yield f"views      {', '.join(spoke) or 'none'}"
    if quiet:
        yield f"quiet      {', '.join(quiet)}"


def _deviation(moment: Moment) -> str:
    side = "above" if moment.value > moment.expected else "below"
    distance = abs(moment.value - moment.expected)
    if not moment.expected:
        return f"{amount(distance)} {side}"
    percent = 100 * distance / abs(moment.expected)
    return f"{amount(distance)} {side}, {percent:.0f}% of what is expected"


def _before(of: Explanation) -> str:
    if not of.before:
        return "no alert in the history read"
    count = "1 alert" if len(of.before) == 1 else f"{len(of.before)} alerts"
    return f"{count} in the history read"


def _episode_line(of: Episode) -> str:
    return f"{utc(of.since)}, {_length(of)}, score {share(of.worst.score)}"


def _length(of: Episode) -> str:
    points = "1 point" if of.points == 1 else f"{of.points} points"
    if of.points == 1:
        return points
    return f"{points} in {duration(of.last - of.since)}, {of.outside} outside of what is normal"


def _row(of: Explanation, at: Moment) -> tuple[str, ...]:
    mark = "<-" if at == of.moment else "alert" if at.alerting else ""
    return (
        utc(at.time),
        amount(at.value),
        amount(at.expected),
        bounds(at.lower, at.upper),
        share(at.score),
        mark,
    )


def as_json(of: Explanation) -> str:
    """What programs read."""
    return document(
        "explanation",
        series=of.name,
        start=utc(of.start),
        end=utc(of.end),
        points=of.points,
        alert=_episode_fields(of.alert) if of.alert else None,
        moment=_moment_fields(of.moment),
        before=[_episode_fields(each) for each in of.before],
        around=[_moment_fields(each) for each in of.around],
    )


def _episode_fields(of: Episode) -> dict[str, Any]:
    return {
        "since": utc(of.since),
        "last": utc(of.last),
        "open": of.open,
        "points": of.points,
        "outside": of.outside,
        "score": of.worst.score,
    }


def _moment_fields(of: Moment) -> dict[str, Any]:
    return {
        "time": utc(of.time),
        "value": of.value,
        "expected": of.expected,
        "lower": of.lower,
        "upper": of.upper,
        "score": of.score,
        "alerting": of.alerting,
        "views": dict(of.views),
    }
