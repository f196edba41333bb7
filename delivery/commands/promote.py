"""`promote`: production gets what staging has tried, if the gate lets it."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from delivery.commands.arguments import FAILED, OK, Commands, command, folder, output, stack
from delivery.commands.verdict import judged
from delivery.console import say, show, show_json, show_table
from delivery.engine import ROOT, Engine
from delivery.errors import GateClosed, UsageError
from delivery.gate import GateReport, hold, report
from delivery.policies import policy_file
from delivery.preview.markdown import summary
from promotion.checkout import commit
from promotion.papers import Result

EXAMPLES = """\
  python -m delivery promote --check          hold the papers, contact nobody
  python -m delivery promote --dry-run        and preview
  python -m delivery promote                  and bring it up

exit codes: 0 done, 1 failed, 2 wrong usage, 3 the gate is closed"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "promote",
        run,
        does="bring a stack up whose release is let in by a verdict, or an override",
        examples=EXAMPLES,
    )
    stack(added, "prod")
    folder(added, ROOT)
    how = added.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="hold the papers only")
    how.add_argument("--dry-run", action="store_true", help="hold the papers and preview")
    added.add_argument("--yes", action="store_true", help="do not ask before the up")
    output(added)


def run(options: argparse.Namespace) -> int:
    """Hold the papers, preview, bring up."""
    engine = Engine(options.stack, options.cwd)
    last = None if options.check else engine.output("release")
    found = report(options.stack, hold(options.stack, last=last, now=datetime.now(UTC)))
    if options.output == "json":
        show_json(found)
    else:
        _show(found)
    if not found.open:
        raise GateClosed(f"{found.environment} is not changed: the gate is closed")
    if options.check:
        return OK
    policies = policy_file(options.stack)
    if options.dry_run:
        seen = engine.preview(policies=policies, commit=commit())
        say(f"{seen.stack}: {summary(seen)}, {seen.unchanged} unchanged")
        return OK if seen.succeeded else FAILED
    if not options.yes and not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked; give --yes")
    engine.up(*(["--yes"] if options.yes else []), policies=policies)
    return OK


def _show(found: GateReport) -> None:
    rows: list[tuple[Any, ...]] = [
        ("commit", found.commit),
        ("tree", found.tree),
        ("let in by", found.by),
    ]
    if found.verdict:
        rows.append(("verdict of", f"{found.verdict['environment']}, {found.verdict['at']}"))
        rows += [
            (name, judged(Result.model_validate(each)))
            for name, each in found.verdict["checks"].items()
        ]
    if found.override:
        rows.append(("override by", f"{found.override['by']}: {found.override['reason']}"))
    show_table("GATE", "OPEN" if found.open else "CLOSED", rows=rows)
    for each in found.refusals:
        show(f"{'overridden' if found.open else 'refused'} ({each.code}): {each.message}")
