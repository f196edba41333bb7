"""Alerts, in tables and as documents."""

from collections.abc import Sequence

from anomaly import selector
from anomaly.documents import amount, bounds, document, share, table
from anomaly.incidents.alert import Alert
from anomaly.incidents.cause import get_anomaly_recommendations
from anomaly.run.report import plain
from anomaly.times import utc

COLUMNS = (
    "SEVERITY",
    "SERIES",
    "SINCE",
    "UNTIL",
    "POINTS",
    "VALUE",
    "EXPECTED",
    "NORMAL",
    "SCORE",
)


def as_json(alerts: Sequence[Alert], *, series: int, warnings: Sequence[str]) -> str:
    """What was looked at, what was found, what to do."""
    return document(
        "check",
        series=series,
        alerts=[plain(alert) for alert in alerts],
        recommendations=get_anomaly_recommendations(alerts),
        warnings=warnings,
    )


def as_table(alerts: Sequence[Alert], *, series: int) -> str:
    """A table, and the advice that goes with it."""
    looked = "1 series" if series == 1 else f"{series} series"
    if not alerts:
        return f"No anomalies in {looked}."
    rows = [_row(alert) for alert in alerts]
    return "\n".join([table(COLUMNS, rows), "", *get_anomaly_recommendations(alerts)])


def _row(alert: Alert) -> tuple[str, ...]:
    return (
        alert.severity,
        selector.text(alert.signal, alert.labels),
        utc(alert.since),
        "goes on" if alert.until is None else utc(alert.until),
        str(alert.points),
        amount(alert.value),
        amount(alert.expected),
        bounds(alert.lower, alert.upper),
        share(alert.score),
    )
