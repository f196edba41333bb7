"""What alerts are worth over many series, at one threshold or another, and must be worth.

With the tables and documents that say so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from anomaly.offline.faults import FaultGrade, FaultWindow, Sighting, sum_up, watch
from anomaly.offline.grade import WEEK_SECONDS, Alerted, Matching, Tally, tally
from anomaly.texts import amount, duration, percent, share, table, utc


@dataclass(frozen=True)
class Figure:
    """A figure that can be asked for."""

    of: Callable[[Tally], float]
    """What it is."""

    at_least: bool
    """Whether it must reach the limit, or must not exceed it."""

    meaning: str
    """In words."""


FIGURES = {
    "min-precision": Figure(
        lambda of: of.precision, True, "share of alerts that found an incident"
    ),
    "min-recall": Figure(lambda of: of.recall, True, "share of incidents that were found"),
    "min-f1": Figure(lambda of: of.f1, True, "harmonic mean of both"),
    "max-false-alarms": Figure(
        lambda of: of.false_alarms_per_week, False, "false alarms in each week of a series"
    ),
    "max-delay": Figure(
        lambda of: of.delay_median, False, "median time to the first alert, in seconds"
    ),
    "max-alerts-per-incident": Figure(
        lambda of: of.alerts_per_incident, False, "alerts that one incident makes"
    ),
}
"""What can be asked for, by the name of its flag."""


@dataclass(frozen=True)
class Requirement:
    """One figure and its limit."""

    name: str
    """Key of `FIGURES`."""

    limit: float
    """The worst that is good enough."""


@dataclass(frozen=True)
class Verdict:
    """What became of a requirement."""

    requirement: Requirement
    """What was asked for."""

    value: float
    """What it is; NaN where nobody can know."""

    met: bool
    """Whether it is good enough; what nobody knows is not."""


def verdicts(of: Tally, requirements: Iterable[Requirement]) -> tuple[Verdict, ...]:
    """Hold a tally against what it must reach."""
    return tuple(_verdict(of, requirement) for requirement in requirements)


def _verdict(of: Tally, requirement: Requirement) -> Verdict:
    figure = FIGURES[requirement.name]
    value = figure.of(of)
    met = value >= requirement.limit if figure.at_least else value <= requirement.limit
    return Verdict(requirement, value, met)


@dataclass(frozen=True)
class Assessment:
    """What came of one threshold, in all series together and in each."""

    threshold: float
    """The detector's `threshold`."""

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
    "DELAY": lambda of: duration(of.delay_median),
    "P95": lambda of: duration(of.delay_p95),
    "PER INCIDENT": lambda of: share(of.alerts_per_incident),
}
"""What follows from knowing it."""


def cells(of: Tally, columns: Columns) -> tuple[str, ...]:
    """The cells of one row."""
    return tuple(write(of) for write in columns.values())


def alert_fields(of: Tally) -> dict[str, Any]:
    """Fields of a document: the alerts."""
    return {
        "series": of.series,
        "series_weeks": of.seconds / WEEK_SECONDS,
        "alerts": of.alerts,
        "alerts_per_week": of.alerts_per_week,
        "alerting_share": of.alerting_share,
    }


def truth_fields(of: Tally) -> dict[str, Any]:
    """Fields of a document: how good the alerts were."""
    return {
        "true_alerts": of.true_alerts,
        "false_alarms": of.false_alarms,
        "incidents": of.incidents,
        "found": of.found,
        "precision": of.precision,
        "recall": of.recall,
        "f1": of.f1,
        "false_alarms_per_week": of.false_alarms_per_week,
        "delay_median_seconds": of.delay_median,
        "delay_p95_seconds": of.delay_p95,
        "alerts_per_incident": of.alerts_per_incident,
    }


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
        parts += [_types(of.faults), _faults(of.faults), _cost(of.faults)]
    elif len(of.series) > 1:
        parts.append(_series(of))
    return "\n\n".join(parts)


def _series(of: Assessment) -> str:
    worst = sorted(of.series, key=lambda each: (-(_missed(each[1])), each[0]))[:SHOWN_SERIES]
    rows = [(name, *cells(each, ALERTS), *cells(each, TRUTH)) for name, each in worst]
    more = len(of.series) - len(worst)
    return table(("SERIES", *ALERTS, *TRUTH), rows) + (f"\nand {more} more" if more else "")


def _missed(of: Tally) -> int:
    return of.incidents - of.found + of.false_alarms


def _types(of: FaultGrade) -> str:
    rows = [(kind, *cells(each, TYPE)) for kind, each in of.by_type.items()]
    return table(("TYPE", *TYPE), rows)


def _faults(of: FaultGrade) -> str:
    rows = [
        (
            each.fault.name,
            utc(each.fault.span[0]),
            _outcome(each),
            "-" if each.delay is None else duration(each.delay),
            str(each.alerts),
            ", ".join(each.seen_by[:2]) + (" ..." if len(each.seen_by) > 2 else ""),  # noqa: PLR2004
        )
        for each in of.sightings
    ]
    return table(("FAULT", "START", "SEEN", "DELAY", "ALERTS", "BY"), rows)


def _outcome(of: Sighting) -> str:
    return "no series" if not of.series else "no" if of.delay is None else "yes"


def _cost(of: FaultGrade) -> str:
    return (
        f"false alarms while there was no fault: {of.false_alarms}, in "
        f"{duration(of.calm_seconds)} summed over the series\n"
        f"alerts during a fault, of series that it did not hit: {of.elsewhere}"
    )


def verdict_lines(verdicts: Iterable[Verdict]) -> list[str]:
    """One line for each requirement."""
    lines = []
    for verdict in verdicts:
        name = verdict.requirement.name
        write = duration if name == "max-delay" else amount
        outcome = "ok  " if verdict.met else "FAIL"
        limit, value = write(verdict.requirement.limit), write(verdict.value)
        lines.append(f"{outcome} {name} {limit}: {value}")
    return lines


def rung_fields(of: Assessment) -> dict[str, Any]:
    """Fields of a document: one step of a sweep."""
    return {
        "threshold": of.threshold,
        **alert_fields(of.alerts),
        "grade": truth_fields(of.grade) if of.grade else None,
    }


def series_fields(of: Assessment) -> list[dict[str, Any]]:
    """Fields of a document: each series."""
    return [
        {
            "series": name,
            **{key: value for key, value in alert_fields(each).items() if key != "series"},
            "grade": truth_fields(each) if of.labelled else None,
        }
        for name, each in of.series
    ]


def fault_fields(of: FaultGrade) -> dict[str, Any]:
    """Fields of a document: what was seen of the faults."""
    return {
        "false_alarms": of.false_alarms,
        "elsewhere": of.elsewhere,
        "calm_seconds": of.calm_seconds,
        "types": {kind: truth_fields(each) for kind, each in of.by_type.items()},
        "faults": [
            {
                "name": each.fault.name,
                "type": each.fault.kind,
                "start": utc(each.fault.span[0]),
                "end": utc(each.fault.span[1]),
                "labels": dict(each.fault.labels),
                "series": each.series,
                "seen": each.delay is not None,
                "delay_seconds": each.delay,
                "alerts": each.alerts,
                "seen_by": each.seen_by,
            }
            for each in of.sightings
        ],
    }


def verdict_fields(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Fields of a document: the requirements."""
    return [
        {
            "name": verdict.requirement.name,
            "limit": verdict.requirement.limit,
            "value": verdict.value,
            "met": verdict.met,
        }
        for verdict in verdicts
    ]
