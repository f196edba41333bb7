"""Why a series was flagged: what was expected, who spoke, since when, and how often before.

Pure: from what the detector said of one series to one explanation, in words and as a document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from anomaly.detector import THRESHOLD
from anomaly.offline.grade import Mask, Vector
from anomaly.texts import Epoch, amount, bounds, document, duration, share, table, utc

Places = NDArray[np.intp]

SHOWN_POINTS = 12
"""Points around the one that is explained."""


@dataclass(frozen=True)
class Verdicts:
    """What the detector said of one series; all arrays are (time,), NaN where there is nothing."""

    name: str
    timestamps: Vector
    values: Vector
    expected: Vector
    lower: Vector
    upper: Vector
    score: Vector
    alerting: Mask
    """Where an alert was open."""

    matters: Mask
    """Where the value was outside of what was normal, on a side and by a distance that matters."""

    views: Mapping[str, Vector]


@dataclass(frozen=True)
class Moment:
    """What was said of one point."""

    time: Epoch
    value: float
    expected: float
    """NaN while too little was known."""

    lower: float
    upper: float
    score: float
    alerting: bool
    views: Mapping[str, float]
    """The strongest first."""


@dataclass(frozen=True)
class Episode:
    """One alert, from its first to its last point."""

    since: Epoch
    last: Epoch
    open: bool
    """Whether it goes on at the end of the history."""

    points: int
    outside: int
    """Those of the points that were outside of what was normal."""

    score: float
    """The highest of those outside."""


@dataclass(frozen=True)
class Explanation:
    """Why a series was flagged, or why it was not."""

    series: str
    start: Epoch
    end: Epoch
    points: int
    """Points with values in this time."""

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
    edges = np.flatnonzero(np.diff(np.concatenate([[False], verdicts.alerting, [False]])))
    runs = [slice(*pair) for pair in edges.reshape(-1, 2).tolist()]
    chosen = next((run for run in reversed(runs) if _covers(times[run], at)), None)
    if chosen:
        place = _worst(verdicts, np.arange(chosen.start, chosen.stop))
    elif at is None:
        place = _worst(verdicts, present)
    else:
        earlier = int(np.searchsorted(times[present], at, side="right")) - 1
        place = int(present[max(earlier, 0)])
    begin = chosen.start if chosen else place
    # As many points before as after, where there are so many.
    middle = int(np.searchsorted(present, place))
    first = max(0, min(middle - SHOWN_POINTS // 2, len(present) - SHOWN_POINTS))
    return Explanation(
        series=verdicts.name,
        start=float(times[0]),
        end=float(times[-1]),
        points=len(present),
        alert=_episode(verdicts, chosen) if chosen else None,
        moment=_moment(verdicts, place),
        before=tuple(_episode(verdicts, run) for run in reversed(runs) if run.stop <= begin),
        around=tuple(_moment(verdicts, each) for each in present[first : first + SHOWN_POINTS]),
    )


def _covers(times: Vector, at: float | None) -> bool:
    return at is None or bool(times[0] <= at <= times[-1])


def _worst(verdicts: Verdicts, places: Places) -> int:
    """The highest score of those that matter, or of all where none does."""
    mattering = places[verdicts.matters[places]]
    places = mattering if len(mattering) else places
    scores = np.nan_to_num(verdicts.score[places], nan=-1.0)
    return int(places[int(scores.argmax())])


def _episode(verdicts: Verdicts, run: slice) -> Episode:
    times = verdicts.timestamps
    return Episode(
        since=float(times[run.start]),
        last=float(times[run.stop - 1]),
        open=run.stop == len(times),
        points=run.stop - run.start,
        outside=int(np.count_nonzero(verdicts.matters[run])),
        score=float(verdicts.score[_worst(verdicts, np.arange(run.start, run.stop))]),
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
        views=dict(sorted(views, key=lambda view: (-view[1], view[0]))),
    )


SHOWN_BEFORE = 5
"""Earlier alerts that are listed; all are counted."""

NOT_TOLD = ": the score is above the threshold, but too small a deviation, or too brief to be told"


def as_json(of: Explanation) -> str:
    """What programs read."""
    return document("explanation", of)


def as_text(of: Explanation) -> str:
    """What people read."""
    return "\n".join(_lines(of))


def _lines(of: Explanation) -> Iterator[str]:
    yield of.series
    yield f"{of.points} points from {utc(of.start)} to {utc(of.end)}"
    yield ""
    yield _headline(of)
    yield from _reasons(of.moment)
    count = f"{len(of.before) or 'no'} alert" + ("s" if len(of.before) > 1 else "")
    yield f"before     {count} in the history read"
    for each in of.before[:SHOWN_BEFORE]:
        yield f"           {utc(each.since)}, {_length(each)}, score {share(each.score)}"
    yield ""
    columns = ("TIME", "VALUE", "EXPECTED", "NORMAL", "SCORE", "")
    yield table(columns, [_row(of, at) for at in of.around])


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
    said = {name: f"{name} {share(score)}" for name, score in moment.views.items()}
    spoke = [said.pop(name) for name, score in moment.views.items() if score >= THRESHOLD]
    yield f"views      {', '.join(spoke) or 'none'}"
    if said:
        yield f"quiet      {', '.join(said.values())}"


def _deviation(moment: Moment) -> str:
    side = "above" if moment.value > moment.expected else "below"
    distance = abs(moment.value - moment.expected)
    if not moment.expected:
        return f"{amount(distance)} {side}"
    percent = 100 * distance / abs(moment.expected)
    return f"{amount(distance)} {side}, {percent:.0f}% of what is expected"


def _length(of: Episode) -> str:
    if of.points == 1:
        return "1 point"
    lasted = duration(of.last - of.since)
    return f"{of.points} points in {lasted}, {of.outside} outside of what is normal"


def _row(of: Explanation, at: Moment) -> tuple[str, ...]:
    return (
        utc(at.time),
        amount(at.value),
        amount(at.expected),
        bounds(at.lower, at.upper),
        share(at.score),
        "<-" if at == of.moment else "alert" if at.alerting else "",
    )
