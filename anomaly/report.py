"""Findings as people and as machines read them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from anomaly.alerting.alert import Alert
from anomaly.alerting.recommendations import get_anomaly_recommendations
from anomaly.run_report import plain

COLUMNS = ("SIGNAL", "SERIES", "SINCE", "POINTS", "VALUE", "EXPECTED", "NORMAL", "SCORE")


def as_json(findings: Sequence[Alert], *, series: int, warnings: Sequence[str]) -> str:
    """One line of JSON: what was looked at, what was found, what to do."""
    document = {
        "series": series,
        "anomalies": [plain(found) for found in findings],
        "recommendations": get_anomaly_recommendations(findings),
        "warnings": list(warnings),
    }
    return json.dumps(document, allow_nan=False)


def as_table(findings: Sequence[Alert], *, series: int) -> str:
    """A table and the advice that goes with it."""
    if not findings:
        return f"No anomalies in {series} series."
    rows = [COLUMNS, *(_row(found) for found in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", *get_anomaly_recommendations(findings)])


def _row(found: Alert) -> tuple[str, ...]:
    return (
        found.signal,
        ",".join(f"{name}={value}" for name, value in found.labels.items()) or "-",
        _time(found.since),
        str(found.points),
        f"{found.value:.4g}",
        f"{found.expected:.4g}",
        f"{found.lower:.4g}..{found.upper:.4g}",
        f"{found.score:.2f}",
    )


def _time(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
