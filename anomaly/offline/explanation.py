"""An explanation, in words and as a document."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

from anomaly.detector import THRESHOLD
from anomaly.documents import amount, bounds, document, share, table
from anomaly.offline.explain import Episode, Explanation, Moment
from anomaly.times import duration, utc

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
        yield f"           {_episode(episode)}"
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


def _episode(of: Episode) -> str:
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
