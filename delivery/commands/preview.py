"""`preview`: what an `up` would change, as a report."""

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from delivery.commands.arguments import FAILED, OK, Commands, command, folder, output, stack
from delivery.console import say, show, show_json, show_table
from delivery.engine import ROOT, Engine
from delivery.errors import UsageError
from delivery.policies import advising, policy_file
from delivery.preview.detached import detached
from delivery.preview.events import report
from delivery.preview.markdown import summary
from delivery.preview.report import Report
from promotion.checkout import commit

EXAMPLES = """\
  python -m delivery preview --stack staging
  python -m delivery preview --stack prod --pull-request --report preview-prod.json
  python -m delivery preview --stack prod --events events.jsonl -o json"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "preview",
        run,
        does="preview a stack with its policies, and report what would change",
        examples=EXAMPLES,
    )
    stack(added)
    folder(added, ROOT)
    added.add_argument("--report", type=Path, metavar="FILE", help="write the report there")
    added.add_argument(
        "--events", type=Path, metavar="FILE", help="read an event log; do not run the engine"
    )
    added.add_argument(
        "--pull-request",
        action="store_true",
        help="for a pull request's own code: the stack's secrets give way to stand-ins, and the "
        "gate, which has no papers yet, advises only",
    )
    output(added)


def run(options: argparse.Namespace) -> int:
    """Preview, or read a preview."""
    found = _read(options.events, options.stack) if options.events else _preview(options)
    if options.report:
        options.report.write_text(found.model_dump_json(by_alias=True), encoding="utf-8")
        say(f"wrote {options.report}")
    if options.output == "json":
        show_json(found)
    else:
        _show(found)
    return OK if found.succeeded else FAILED


def _read(events: Path, name: str) -> Report:
    try:
        with events.open(encoding="utf-8") as lines:
            return report(lines, stack=name, now=datetime.now(UTC), commit=commit())
    except OSError as error:
        raise UsageError(f"{events} cannot be read: {error.strerror}") from None


def _preview(options: argparse.Namespace) -> Report:
    policies = policy_file(options.stack)
    engine = Engine(options.stack, options.cwd)
    if not options.pull_request:
        return engine.preview(policies=policies, commit=commit())
    with tempfile.TemporaryDirectory() as lowered, detached(engine) as (apart, flags):
        path = Path(lowered) / policies.name
        path.write_text(json.dumps(advising(json.loads(policies.read_text(encoding="utf-8")))))
        return apart.preview(*flags, policies=path, commit=commit())


def _show(found: Report) -> None:
    rows: list[tuple[Any, ...]] = [
        (step.operation, step.kind, step.name, ", ".join(step.forced_by)) for step in found.steps
    ]
    if rows:
        show_table("OPERATION", "KIND", "OBJECT", "BECAUSE OF", rows=rows)
    for each in found.findings:
        level = "mandatory" if each.mandatory else "advisory"
        say(f"{level} {each.rule}: {each.subject}: {each.message}")
    for said in found.diagnostics:
        say(f"{said.severity}: {said.message}")
    show(f"{found.stack}: {summary(found)}, {found.unchanged} unchanged")
