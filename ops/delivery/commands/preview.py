"""`preview`: what an `up` would change, as a report."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import RenderableType

from ops.commands import options
from ops.commands.output import emit, say, table
from ops.delivery.engine import Engine
from ops.delivery.policies import advising, policy_flags
from ops.delivery.preview.detached import detached
from ops.delivery.preview.events import report as reported
from ops.delivery.preview.markdown import summary
from ops.delivery.preview.report import Report
from ops.errors import OpsError
from ops.files import read_mapping, read_text, write
from policy.stack import policy_file
from vocabulary.promotion.checkout import commit


@click.command(
    epilog="""\b
Examples:
  python -m ops preview --stack staging
  python -m ops preview --stack prod --pull-request --report preview-prod.json
  python -m ops preview --stack prod --events events.jsonl -o json
"""
)
@options.stack(required=True)
@options.cwd
@click.option("--report", type=options.FILE, help="Write the report there.")
@click.option("--events", type=options.FILE, help="Read an event log; do not run the engine.")
@click.option(
    "--pull-request",
    is_flag=True,
    help="For a pull request's own code: the stack's secrets give way to stand-ins, and the gate, "
    "which has no papers yet, advises only.",
)
@options.prints(Report)
def preview(
    *,
    stack: str,
    cwd: Path,
    report: Path | None,
    events: Path | None,
    pull_request: bool,
) -> int:
    """Preview a stack with its policies, and report what would change."""
    engine = Engine(stack, cwd)
    if events:
        lines, now = read_text(events).splitlines(), datetime.now(UTC)
        found = reported(lines, stack=stack, now=now, commit=commit())
    elif pull_request:
        found = _apart(engine)
    else:
        found = engine.preview(*policy_flags(stack), commit=commit())
    code = told(found, report)
    emit(found, *_shown(found))
    return code


def told(found: Report, into: Path | None) -> int:
    """Write a report where one is wanted, and tell what went wrong; returns the exit code."""
    if into:
        write(into, found.model_dump_json(by_alias=True))
        say(f"wrote {into}")
    for each in found.findings:
        say(f"{each.level} {each.rule}: {each.subject}: {each.message}")
    for said in found.diagnostics:
        say(f"{said.severity}: {said.message}")
    return 0 if found.succeeded else OpsError.exit_code


def outcome(found: Report) -> str:
    """What a report has found, in a line."""
    return f"{found.stack}: {summary(found)}, {found.unchanged} unchanged"


def _apart(engine: Engine) -> Report:
    given = policy_file(engine.stack)
    lowered = json.dumps(advising(read_mapping(given) if given else {}))
    with tempfile.TemporaryDirectory() as folder, detached(engine) as (apart, flags):
        path = Path(folder) / "policies.json"
        path.write_text(lowered)
        return apart.preview(*flags, *policy_flags(engine.stack, path), commit=commit())


def _shown(found: Report) -> Iterator[RenderableType]:
    rows = [
        (step.operation, step.kind, step.name, step.reason or ", ".join(step.forced_by))
        for step in found.steps
    ]
    if rows:
        yield table(("OPERATION", "KIND", "OBJECT", "BECAUSE OF"), rows)
    yield outcome(found)
