"""The figures of a tally, in tables and in documents."""

from collections.abc import Callable
from typing import Any

from anomaly.grading.tally import WEEK_SECONDS, Tally
from anomaly.report.table import percent, share
from anomaly.times import duration

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
