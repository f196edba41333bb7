"""`promote`: production gets what staging has tried, if the gate lets it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import RenderableType
from rich.markup import escape

from ops.commands import options
from ops.commands.output import emit, say, table
from ops.delivery.commands.deploy import bring_up
from ops.delivery.commands.preview import outcome
from ops.delivery.commands.verdict import judged
from ops.delivery.engine import Engine
from ops.delivery.gate import GateReport, hold
from ops.delivery.policies import policy_flags
from ops.errors import OpsError, UnhealthyError
from vocabulary.promotion.checkout import commit
from vocabulary.promotion.papers import written


@click.command(
    epilog="""\b
Examples:
  python -m ops promote --check          hold the papers, contact nobody
  python -m ops promote --dry-run        and preview
  python -m ops promote                  and bring it up

\b
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the gate is closed.
"""
)
@options.stack(default="prod")
@options.cwd
@click.option("--check", is_flag=True, help="Hold the papers only.")
@click.option("--dry-run", is_flag=True, help="Hold the papers and preview.")
@options.yes
@options.prints(GateReport)
def promote(stack: str, cwd: Path, *, check: bool, dry_run: bool) -> int:
    """Bring a stack up whose release is let in by a verdict, or an override."""
    engine = Engine(stack, cwd)
    last = None if check else engine.output("release")
    found = hold(stack, last=last, now=datetime.now(UTC))
    emit(found, *_shown(found))
    if not found.open:
        raise UnhealthyError(f"{found.environment} is not changed: the gate is closed")
    if check:
        return 0
    if dry_run:
        seen = engine.preview(*policy_flags(stack), commit=commit())
        say(outcome(seen))
        return 0 if seen.succeeded else OpsError.exit_code
    bring_up(engine)
    return 0


def _shown(found: GateReport) -> Iterator[RenderableType]:
    rows = [("commit", found.commit), ("tree", found.tree), ("let in by", found.by)]
    if found.verdict:
        rows.append(("verdict of", f"{found.verdict.environment}, {written(found.verdict.at)}"))
        rows += [(name, judged(each)) for name, each in found.verdict.checks.items()]
    if found.override:
        rows.append(("override by", f"{found.override.by}: {found.override.reason}"))
    yield table(("GATE", "OPEN" if found.open else "CLOSED"), rows)
    for each in found.refusals:
        yield escape(f"{'overridden' if found.open else 'refused'} ({each.code}): {each.message}")
