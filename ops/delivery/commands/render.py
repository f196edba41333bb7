"""`render` and `compare`: a preview without engine, cluster and credentials."""

from datetime import UTC, datetime
from pathlib import Path

import click

from ops.commands import options
from ops.commands.output import say
from ops.delivery.commands.preview import outcome, told
from ops.delivery.rendering import rendering
from ops.delivery.rendering.comparison import compare as compared
from ops.errors import OpsError
from ops.files import write
from vocabulary.promotion.checkout import commit


@click.command(
    epilog="""\b
Examples:
  python -m ops render --stack prod --into prod.json
"""
)
@options.stack(required=True)
@click.option("--into", type=options.FILE, required=True, help="Where to.")
def render(*, stack: str, into: Path) -> int:
    """Write the objects that a stack's program registers; contacts nobody."""
    done = rendering.render(stack)
    write(into, done.model_dump_json(by_alias=True))
    for each in done.diagnostics:
        say(f"{each.severity}: {each.message}")
    click.echo(f"{done.stack}: {len(done.objects)} objects, {len(done.findings)} findings")
    return OpsError.exit_code if done.diagnostics else 0


@click.command(
    epilog="""\b
Examples:
  python -m ops compare base.json head.json --report preview-prod.json

BASE need not be there: then everything is new.
"""
)
@click.argument("base", type=options.FILE)
@click.argument("head", type=options.FILE)
@click.option("--report", type=options.FILE, help="Write the report there.")
def compare(*, base: Path, head: Path, report: Path | None) -> int:
    """Report what changes between two renderings of a stack."""
    before = rendering.read(base) if base.exists() else None
    if before is None:
        say(f"{base} is not there: everything is new")
    found = compared(before, rendering.read(head), now=datetime.now(UTC), commit=commit())
    code = told(found, report)
    click.echo(outcome(found))
    return code
