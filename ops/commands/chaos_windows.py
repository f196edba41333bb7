"""`chaos windows`: what was really injected, as faults to grade the detector by."""

from datetime import UTC, datetime
from pathlib import Path

import click
from pydantic import TypeAdapter

from ops.chaos.injected import experiment_events
from ops.chaos.report.runs import WORKFLOW_NODE
from ops.chaos.windows import Window, windows
from ops.commands import options
from ops.files import read_document, write
from vocabulary.kinds import CHAOS_EXPERIMENTS, CHAOS_VERSION, WORKFLOW, Kind

_LIST = TypeAdapter(list[Window])


@click.command(
    "windows",
    epilog="""\b
Examples:
  python -m ops chaos windows
  python -m ops chaos windows --into faults.json
  python -m anomaly grade --config anomaly.json --faults faults.json

Chaos Mesh's records and events are kept for an hour or so; run it after each game day, and the list
in the file grows. A run that hit nobody is none.
""",
)
@options.cluster
@options.namespace(None, "Only one namespace.")
@click.option(
    "--into",
    type=options.FILE,
    help="Add them to the list in this file, in place of printing them.",
)
def windows_command(namespace: str | None, into: Path | None) -> None:
    """List what was really injected, as JSON for `anomaly grade --faults`."""
    cluster = options.asked_cluster()
    kinds = [Kind(CHAOS_VERSION, kind) for kind in CHAOS_EXPERIMENTS]
    found = windows(
        [item for kind in kinds for item in cluster.all(kind, namespace=namespace)],
        cluster.all(WORKFLOW, namespace=namespace),
        cluster.all(WORKFLOW_NODE, namespace=namespace),
        experiment_events(cluster, namespace),
        datetime.now(UTC),
    )
    if into is None:
        click.echo(_LIST.dump_json(found, indent=2).decode())
        return
    there = read_document(into, list[Window], "list of this command") if into.exists() else []
    known = {each.name: each for each in there}
    # What was found complete before is not replaced by what is left of it.
    grown = {**{each.name: each for each in found}, **known}
    ordered = sorted(grown.values(), key=lambda window: window.start)
    write(into, _LIST.dump_json(ordered, indent=2).decode())
    click.echo(f"{into}: {len(grown) - len(known)} new, {len(grown)} in all", err=True)
