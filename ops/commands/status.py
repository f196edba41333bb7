"""`status`: is the platform well?"""

import click
from rich.console import Group, RenderableType
from rich.markup import escape

from ops.commands import options
from ops.commands.output import emit, show, styled, table
from ops.platform import Status, get_status

SHOWN = 5
"""Details of an area that a screen has room for; JSON has them all."""

_EPILOG = """\b
Examples:
  python -m ops status
  python -m ops status --prometheus http://127.0.0.1:9090 --alertmanager http://127.0.0.1:9093
  python -m ops status -o json | jq -r '.areas[] | select(.state == "unwell") | .details[]'

Exits with 3 when an area is unwell, or could not be asked though it should have been.
"""


@click.command(epilog=_EPILOG)
@options.cluster
@options.series
@options.alerting
@options.prints(Status)
def status() -> int:
    """Say in one screen whether the platform is well.

    Flux, the mesh and its certificates, experiments, the detector, anomalies and alerts. Series and
    alerts need --prometheus or --alertmanager; without them their lines say so.
    """
    found = get_status(options.sources())
    return emit(found, screen(found))


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
