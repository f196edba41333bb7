"""What another threshold would have meant: the same series judged at each, and which to choose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from anomaly.offline.tally import Tally

THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0)
"""What is tried by default; 1 is what the detector finds out for each series by itself."""

DECIMALS = 2
"""A limit is kept when it is kept by what tables show."""


@dataclass(frozen=True)
class Rung:
    """What came of one threshold."""

    threshold: float
    """The detector's `threshold`."""

    alerts: Tally
    """All alerts, whatever they were about."""

    grade: Tally | None
    """How good they were; None where nobody says what was an incident."""


def suggest(rungs: Iterable[Rung], *, most_per_week: float) -> Rung | None:
    """The threshold to choose.

    With a grade, the best F1 within the limit of false alarms; of equals the one that changes
    least. Without, the most sensitive one within the limit of alerts, coming from above: far below
    it a single alert never ends, which looks like few.

    Args:
        rungs: in any order.
        most_per_week: limit for false alarms, or for alerts, in each week of a series.

    Returns:
        None where no threshold keeps the limit, or nothing was found at any.
    """
    ladder = sorted(rungs, key=lambda rung: -rung.threshold)
    graded = [(rung, rung.grade) for rung in ladder if rung.grade]
    return _best(graded, most_per_week) if graded else _lowest(ladder, most_per_week)


def _best(graded: Sequence[tuple[Rung, Tally]], most_per_week: float) -> Rung | None:
    allowed = [
        (rung, grade)
        for rung, grade in graded
        if grade.found and round(grade.false_alarms_per_week, DECIMALS) <= most_per_week
    ]
    best = min(allowed, key=lambda each: (-each[1].f1, abs(log(each[0].threshold))), default=None)
    return best[0] if best else None


def _lowest(ladder: Sequence[Rung], most_per_week: float) -> Rung | None:
    lowest = None
    for rung in ladder:
        if not round(rung.alerts.alerts_per_week, DECIMALS) <= most_per_week:
            break
        lowest = rung
    return lowest
