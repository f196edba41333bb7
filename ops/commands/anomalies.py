"""`anomalies` and `alerts`: what is odd, and what fires."""

from datetime import timedelta

import click
from rich.console import RenderableType
from rich.markup import escape

from ops.alerts import Alerts, FiringAlert, get_alerts
from ops.anomalies import Anomalies, get_anomalies
from ops.commands import options
from ops.commands.output import emit, table
from ops.errors import UsageError

_NOBODY = "nobody to ask: give --prometheus URL or --alertmanager URL"


@click.command(
    epilog="""\b
Examples:
  python -m ops anomalies --prometheus http://127.0.0.1:9090
  python -m ops anomalies --since 1h -o json | jq '.anomalies[] | select(.now)'

Exits with 3 when something is odd now.
"""
)
@options.series
@options.alerting
@click.option(
    "--since",
    type=options.DURATION,
    default="25m0s",
    show_default=True,
    help="How far back to look; at least two of the detector's runs are looked at.",
)
@options.prints(Anomalies)
def anomalies(since: timedelta) -> int:
    """Show which series are odd, or were: score, time, where they were expected."""
    servers = options.servers()
    if not any(servers):
        raise UsageError(_NOBODY)
    found = get_anomalies(*servers, since=since)
    rows = [
        (
            each.signal,
            ",".join(f"{key}={value}" for key, value in each.labels.items()),
            each.now,
            each.score,
            each.peak,
            each.first,
            each.last,
            f"{each.expected[0]:.4g}..{each.expected[1]:.4g}" if each.expected else None,
        )
        for each in found.anomalies
    ]
    columns = ("SIGNAL", "SERIES", "NOW", "SCORE", "PEAK", "FIRST", "LAST", "EXPECTED")
    summary = f"{len(found.anomalies)} of {found.scored} series"
    return emit(
        found,
        table(columns, rows),
        summary,
        *([_alert_table(found.alerts)] if found.alerts else []),
        *map(escape, found.unknown),
    )


@click.command(
    epilog="""\b
Examples:
  python -m ops alerts --alertmanager http://127.0.0.1:9093

Exits with 3 when a warning or something critical fires.
"""
)
@options.series
@options.alerting
@options.prints(Alerts)
def alerts() -> int:
    """Show which alerts fire: Alertmanager's, which knows silences, or else Prometheus' own."""
    found = get_alerts(*options.servers())
    if found is None:
        raise UsageError(_NOBODY)
    return emit(found, _alert_table(found.alerts) if found.alerts else "no alert fires")


def _alert_table(found: tuple[FiringAlert, ...]) -> RenderableType:
    rows = [
        (
            each.severity,
            each.name,
            each.since,
            each.summary or ",".join(f"{key}={value}" for key, value in each.labels.items()),
            each.runbook,
        )
        for each in found
    ]
    return table(("SEVERITY", "ALERT", "SINCE", "SUMMARY", "RUNBOOK"), rows)
