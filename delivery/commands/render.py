"""`render` and `compare`: a preview without engine, cluster and credentials."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from delivery.commands.arguments import FAILED, OK, Commands, command, stack
from delivery.console import say, show
from delivery.preview.markdown import summary
from delivery.rendering.comparison import compare
from delivery.rendering.rendering import read, render
from promotion.checkout import commit

RENDER = """\
  python -m delivery render --stack prod --into prod.json"""
COMPARE = """\
  python -m delivery compare base.json head.json --report preview-prod.json"""


def register(commands: Commands) -> None:
    """Add the commands."""
    added = command(
        commands,
        "render",
        run_render,
        does="write the objects that a stack's program registers; contacts nobody",
        examples=RENDER,
    )
    stack(added)
    added.add_argument("--into", type=Path, required=True, metavar="FILE", help="where to")
    added = command(
        commands,
        "compare",
        run_compare,
        does="report what changes between two renderings of a stack",
        examples=COMPARE,
    )
    added.add_argument("base", type=Path, help="rendering before; need not be there")
    added.add_argument("head", type=Path, help="rendering after")
    added.add_argument("--report", type=Path, metavar="FILE", help="write the report there")


def run_render(options: argparse.Namespace) -> int:
    """Render a stack of this checkout."""
    done = render(options.stack)
    options.into.write_text(done.model_dump_json(by_alias=True), encoding="utf-8")
    for each in done.diagnostics:
        say(f"{each.severity}: {each.message}")
    show(f"{done.stack}: {len(done.objects)} objects, {len(done.findings)} findings")
    return FAILED if done.diagnostics else OK


def run_compare(options: argparse.Namespace) -> int:
    """Compare two renderings."""
    base = read(options.base) if options.base.exists() else None
    if base is None:
        say(f"{options.base} is not there: everything is new")
    found = compare(base, read(options.head), now=datetime.now(UTC), commit=commit())
    if options.report:
        options.report.write_text(found.model_dump_json(by_alias=True), encoding="utf-8")
        say(f"wrote {options.report}")
    for each in found.findings:
        say(f"{each.rule}: {each.subject}: {each.message}")
    show(f"{found.stack}: {summary(found)}, {found.unchanged} unchanged")
    return OK if found.succeeded else FAILED
