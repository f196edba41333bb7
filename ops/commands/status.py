"""`status`: is the platform well?"""

import time
from datetime import timedelta

import click
from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape

from ops.areas import Sources
from ops.commands import options
from ops.commands.output import emit, show, styled, table
from ops.console import DATA
from ops.errors import ClusterError, UnhealthyError
from ops.platform import Status, get_status

SHOWN = 5
"""Details of an area that a screen has room for; JSON has them all."""

_EPILOG = """\b
Examples:
  python -m ops status
  python -m ops status --prometheus http://127.0.0.1:9090 --alertmanager http://127.0.0.1:9093
  python -m ops status --watch --interval 10s
  python -m ops status -o json | jq -r '.areas[] | select(.state == "unwell") | .details[]'

Exits with 3 when an area is unwell, or could not be asked though it should have been.
"""


@click.command(epilog=_EPILOG)
@options.cluster
@options.series
@options.alerting
@options.prints(Status)
@click.option("-w", "--watch", is_flag=True, help="Ask again and again, until interrupted.")
@click.option(
    "--interval",
    type=options.DURATION,
    default="5s",
    show_default=True,
    help="How often, with --watch.",
)
def status(interval: timedelta, *, watch: bool) -> int:
    """Say in one screen whether the platform is well.

    Flux, the mesh and its certificates, experiments, the detector, anomalies and alerts. Series and
    alerts need --prometheus or --alertmanager; without them their lines say so.
    """
    sources = options.sources()
    if watch:
        return _watch(sources, interval)
    found = get_status(sources)
    return emit(found, screen(found))


def _watch(sources: Sources, interval: timedelta) -> int:
    """Show it anew until interrupted; the exit code is that of the last look."""
    code = 1
    try:
        with Live(console=DATA, screen=DATA.is_terminal, auto_refresh=False) as live:
            while True:
                try:
                    found = get_status(sources)
                except ClusterError as error:
                    code = error.exit_code
                    live.update(escape(f"error: {error}"), refresh=True)
                else:
                    code = 0 if found.well else UnhealthyError.exit_code
                    if options.given("output") == "table" and DATA.is_terminal:
                        live.update(screen(found), refresh=True)
                    else:
                        _line(found)
                time.sleep(interval.total_seconds())
    except KeyboardInterrupt:
        return code


def _line(found: Status) -> None:
    """One answer among many: JSON on one line, YAML as a document of a stream."""
    form = options.given("output")
    if form == "json":
        click.echo(found.model_dump_json())
        return
    if form == "yaml":
        click.echo("---")
    emit(found, screen(found))


def screen(found: Status) -> RenderableType:
    """The whole status for people."""
    rows: list[tuple[str, str, str]] = []
    for area in found.areas:
        rows.append((area.name, area.state, area.summary))
        rows += [("", "", f"  {text}") for text in area.details[:SHOWN]]
        if (more := len(area.details) - SHOWN) > 0:
            rows.append(("", "", f"  and {more} more (-o json shows all)"))
    verdict = "well" if found.well else "unwell"
    title = f"{escape(found.cluster)} is {styled(verdict)} at {show(found.at)}"
    body = table(("AREA", "STATE", ""), rows)
    return Group(title, "", body)
