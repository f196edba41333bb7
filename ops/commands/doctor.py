"""`doctor`: is this cluster ready for the platform?"""

from pathlib import Path
from typing import get_args

import click
from rich.console import RenderableType
from rich.markup import escape

from ops.commands import options
from ops.commands.output import emit, table
from ops.doctor import Check, Examination, examine
from ops.doctor.document import Finding
from ops.stack import Stack, read_stack


@click.command(
    epilog="""\b
Examples:
  python -m ops doctor                      the cluster alone
  python -m ops doctor --stack prod         and what the stack file needs of it
  python -m ops doctor --stack prod -o json | jq '.checks[] | select(.state == "unwell")'

Changes nothing. Exits with 3 when something would break.
"""
)
@options.stack("Stack whose file says what is to come.")
@options.cwd
@options.cluster
@options.series
@options.alerting
@options.prints(Examination)
def doctor(stack: str | None, cwd: Path) -> int:
    """Look whether a cluster is ready for the platform, and say what to do where it is not."""
    known = read_stack(stack, cwd) if stack else Stack()
    file = known.says("cluster", "kubeconfig")
    found = examine(options.sources(kubeconfig=file, context=known.context), known)
    return emit(found, _table(found.checks), "", escape(_verdict(found)))


def _table(checks: tuple[Check, ...]) -> RenderableType:
    rows: list[tuple[str, str, str, str]] = []
    for each in checks:
        rows.append((each.area, each.name, each.state, each.found))
        rows += [("", "", "", f"  -> {each.remedy}")] if each.remedy else []
    return table(("AREA", "CHECK", "STATE", ""), rows)


def _verdict(found: Examination) -> str:
    states = [check.state for check in found.checks]
    counts = [f"{states.count(state)} {state}" for state in get_args(Finding)]
    return f"{found.cluster}: {', '.join(counts)}"
