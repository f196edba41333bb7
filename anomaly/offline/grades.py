"""Grades and sweeps, in tables and as documents."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from anomaly.documents import amount, percent, share, table
from anomaly.offline.assessment import Assessment
from anomaly.offline.requirements import Verdict
from anomaly.offline.sweep import Rung
from anomaly.offline.tally import WEEK_SECONDS, Tally
from anomaly.offline.windows import FaultGrade, Sighting
from anomaly.times import duration, utc

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


def sweep_table(rungs: Sequence[Rung], *, configured: float, suggested: Rung | None) -> str:
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


def _mark(rung: Rung, configured: float, suggested: Rung | None) -> str:
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


def rung_fields(of: Rung) -> dict[str, Any]:
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
