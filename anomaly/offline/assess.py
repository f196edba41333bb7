"""What alerts are worth over many series, at one threshold or another, and must be worth.

With the tables and documents that say so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from anomaly.offline.faults import FaultGrade, FaultWindow, sum_up, watch
from anomaly.offline.grade import Alerted, Matching, Tally, tally
from anomaly.texts import amount, duration, percent, share, table, utc


@dataclass(frozen=True)
class Figure:
    """A figure that can be asked for."""

    name: str
    """Of the figure, in a tally."""

    at_least: bool
    """Whether it must reach the limit, or must not exceed it."""

    meaning: str


FIGURES = {
    "min-precision": Figure("precision", True, "share of alerts that found an incident"),
    "min-recall": Figure("recall", True, "share of incidents that were found"),
    "min-f1": Figure("f1", True, "harmonic mean of both"),
    "max-false-alarms": Figure(
        "false_alarms_per_week", False, "false alarms in each week of a series"
    ),
    "max-delay": Figure(
        "delay_median_seconds", False, "median time to the first alert, in seconds"
    ),
    "max-alerts-per-incident": Figure(
        "alerts_per_incident", False, "alerts that one incident makes"
    ),
}
"""What can be asked for, by the name of its flag."""


@dataclass(frozen=True)
class Verdict:
    """What became of a requirement."""

    name: str
    """Key of `FIGURES`."""

    limit: float
    """The worst that is good enough."""

    value: float
    """What it is; NaN where nobody can know."""

    met: bool
    """Whether it is good enough; what nobody knows is not."""


def verdicts(of: Tally, limits: Mapping[str, float]) -> tuple[Verdict, ...]:
    """Hold a tally against what it must reach; limits by the names of their figures."""
    found = []
    for name, limit in limits.items():
        value: float = getattr(of, FIGURES[name].name)
        met = value >= limit if FIGURES[name].at_least else value <= limit
        found.append(Verdict(name, limit, value, met))
    return tuple(found)


@dataclass(frozen=True)
class Assessment:
    """What came of one threshold, in all series together and in each."""

    threshold: float
    series: tuple[tuple[str, Tally], ...]
    """Each series with its name."""

    faults: FaultGrade | None
    """What was seen of the faults; None where no list of them is given."""

    labelled: bool
    """Whether somebody said of every series where its incidents are."""

    @property
    def alerts(self) -> Tally:
        """All alerts, whatever they were about."""
        return sum((each for _, each in self.series), Tally())

    @property
    def grade(self) -> Tally | None:
        """How good they were; a list of faults comes before labels."""
        if self.faults:
            return self.faults.overall
        return self.alerts if self.labelled and self.series else None


def assess(
    threshold: float,
    series: Iterable[tuple[Alerted, Matching]],
    faults: Sequence[FaultWindow] = (),
) -> Assessment:
    """What came of a threshold, one series after the other; faults were made on purpose."""
    tallies, watches, labelled = [], [], True
    for each, matching in series:
        tallies.append((each.name, tally(each, matching)))
        labelled &= each.incidents is not None
        if faults:
            watches.append(watch(each, faults, matching))
    return Assessment(
        threshold, tuple(tallies), sum_up(watches, faults) if faults else None, labelled
    )


THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0)
"""What is tried by default; 1 is what the detector finds out for each series by itself."""

DECIMALS = 2
"""A limit is kept when it is kept by what tables show."""


def suggest(rungs: Iterable[Assessment], *, most_per_week: float) -> Assessment | None:
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


def _best(graded: Sequence[tuple[Assessment, Tally]], most_per_week: float) -> Assessment | None:
    allowed = [
        (rung, grade)
        for rung, grade in graded
        if grade.found and round(grade.false_alarms_per_week, DECIMALS) <= most_per_week
    ]
    best = min(allowed, key=lambda each: (-each[1].f1, abs(log(each[0].threshold))), default=None)
    return best[0] if best else None


def _lowest(ladder: Sequence[Assessment], most_per_week: float) -> Assessment | None:
    lowest = None
    for rung in ladder:
        if not round(rung.alerts.alerts_per_week, DECIMALS) <= most_per_week:
            break
        lowest = rung
    return lowest


Columns = dict[str, Callable[[Tally], str]]

ALERTS: Columns = {
    "ALERTS": lambda of: str(of.alerts),
    "PER WEEK": lambda of: share(of.alerts_per_week),
    "ALERTING": lambda of: percent(of.alerting_share),
}
"""What is known of alerts without knowing what they were about."""

TRUTH: Columns = {
    "FOUND": lambda of: f"{of.found}/{of.incidents}",
    "PRECISION": lambda of: share(of.precision),
    "RECALL": lambda of: share(of.recall),
    "F1": lambda of: share(of.f1),
    "FALSE/WEEK": lambda of: share(of.false_alarms_per_week),
    "DELAY": lambda of: duration(of.delay_median_seconds),
    "P95": lambda of: duration(of.delay_p95_seconds),
    "PER INCIDENT": lambda of: share(of.alerts_per_incident),
}
"""What follows from knowing it."""


def cells(of: Tally, columns: Columns) -> tuple[str, ...]:
    """The cells of one row."""
    return tuple(write(of) for write in columns.values())


ALERT_FIELDS = ("series", "series_weeks", "alerts", "alerts_per_week", "alerting_share")
"""Figures of the alerts, as documents have them."""

TRUTH_FIELDS = (
    "true_alerts",
    "false_alarms",
    "incidents",
    "found",
    "precision",
    "recall",
    "f1",
    "false_alarms_per_week",
    "delay_median_seconds",
    "delay_p95_seconds",
    "alerts_per_incident",
)
"""Figures of how good they were."""


def fields(of: Tally, names: Iterable[str]) -> dict[str, Any]:
    """Some of the figures."""
    return {name: getattr(of, name) for name in names}


SHOWN_SERIES = 10
"""Series that a table names; a document names all."""

TYPE = {name: TRUTH[name] for name in ("FOUND", "RECALL", "DELAY", "P95", "PER INCIDENT")}
"""What can be said of faults of one type; a false alarm has none."""


def sweep_table(
    rungs: Sequence[Assessment], *, configured: float, suggested: Assessment | None
) -> str:
    """One row a threshold."""
    truth = TRUTH if rungs[0].grade else {}
    rows = [
        (
            f"{rung.threshold:g}",
            *cells(rung.alerts, ALERTS),
            *(cells(rung.grade, truth) if rung.grade else ()),
            _mark(rung, configured, suggested),
        )
        for rung in rungs
    ]
    return table(("THRESHOLD", *ALERTS, *truth, ""), rows)


def _mark(rung: Assessment, configured: float, suggested: Assessment | None) -> str:
    marks = {"configured": rung.threshold == configured, "suggested": rung == suggested}
    return ", ".join(name for name, holds in marks.items() if holds)


def noisiest(of: Assessment) -> str:
    """The series with the most alerts; nothing where there are none."""
    ranked = sorted(of.series, key=lambda each: (-each[1].alerts, each[0]))
    rows = [(name, *cells(each, ALERTS)) for name, each in ranked[:SHOWN_SERIES] if each.alerts]
    return table(("MOST ALERTS", *ALERTS), rows) if rows else ""


def grade_table(of: Assessment) -> str:
    """All together, and the series that did worst or, with faults, what became of each."""
    grade = of.grade or of.alerts
    counted = "1 series" if len(of.series) == 1 else f"{len(of.series)} series"
    overall = (counted, *cells(of.alerts, ALERTS), *cells(grade, TRUTH))
    parts = [table(("ALL", *ALERTS, *TRUTH), [overall])]
    if of.faults:
        parts += _of_faults(of.faults)
    elif len(of.series) > 1:
        parts.append(_series(of))
    return "\n\n".join(parts)


def _series(of: Assessment) -> str:
    def wrong(each: Tally) -> int:
        return each.incidents - each.found + each.false_alarms

    worst = sorted(of.series, key=lambda each: (-wrong(each[1]), each[0]))[:SHOWN_SERIES]
    rows = [(name, *cells(each, ALERTS), *cells(each, TRUTH)) for name, each in worst]
    more = len(of.series) - len(worst)
    return table(("SERIES", *ALERTS, *TRUTH), rows) + (f"\nand {more} more" if more else "")


def _of_faults(of: FaultGrade) -> Iterator[str]:
    kinds = [(kind, *cells(each, TYPE)) for kind, each in of.by_type.items()]
    yield table(("TYPE", *TYPE), kinds)
    rows = [
        (
            each.fault.name,
            utc(each.fault.span[0]),
            "no series" if not each.series else "no" if each.delay is None else "yes",
            "-" if each.delay is None else duration(each.delay),
            str(each.alerts),
            ", ".join(each.seen_by[:2]) + (" ..." if len(each.seen_by) > 2 else ""),  # noqa: PLR2004
        )
        for each in of.sightings
    ]
    yield table(("FAULT", "START", "SEEN", "DELAY", "ALERTS", "BY"), rows)
    yield (
        f"false alarms while there was no fault: {of.cost.false_alarms}, in "
        f"{duration(of.cost.calm_seconds)} summed over the series\n"
        f"alerts during a fault, of series that it did not hit: {of.elsewhere}"
    )


def verdict_lines(verdicts: Iterable[Verdict]) -> list[str]:
    """One line for each requirement."""
    lines = []
    for each in verdicts:
        write = duration if each.name == "max-delay" else amount
        outcome = "ok  " if each.met else "FAIL"
        lines.append(f"{outcome} {each.name} {write(each.limit)}: {write(each.value)}")
    return lines


def rung_fields(of: Assessment) -> dict[str, Any]:
    """Fields of a document: one step of a sweep."""
    grade = fields(of.grade, TRUTH_FIELDS) if of.grade else None
    return {"threshold": of.threshold, **fields(of.alerts, ALERT_FIELDS), "grade": grade}


def series_fields(of: Assessment) -> list[dict[str, Any]]:
    """Fields of a document: each series."""
    return [
        {
            **fields(each, ALERT_FIELDS),
            "series": name,
            "grade": fields(each, TRUTH_FIELDS) if of.labelled else None,
        }
        for name, each in of.series
    ]


def fault_fields(of: FaultGrade) -> dict[str, Any]:
    """Fields of a document: what was seen of the faults."""
    return {
        "false_alarms": of.cost.false_alarms,
        "elsewhere": of.elsewhere,
        "calm_seconds": of.cost.calm_seconds,
        "types": {kind: fields(each, TRUTH_FIELDS) for kind, each in of.by_type.items()},
        "faults": [
            {
                "name": each.fault.name,
                "type": each.fault.kind,
                "start": utc(each.fault.span[0]),
                "end": utc(each.fault.span[1]),
                "labels": each.fault.labels,
                "series": each.series,
                "seen": each.delay is not None,
                "delay_seconds": each.delay,
                "alerts": each.alerts,
                "seen_by": each.seen_by,
            }
            for each in of.sightings
        ],
    }
