"""`verdict`: what an environment says of the release that it runs, signed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ops.commands import options
from ops.commands.output import emit, say, table
from ops.delivery.commands.keys import lay, signing, signing_key
from ops.delivery.verdict.collect import collect
from ops.errors import ClusterError, UnhealthyError
from ops.stack import read_stack
from vocabulary.promotion.checkout import VERDICT
from vocabulary.promotion.gate import Terms, checks, health
from vocabulary.promotion.papers import Result, Verdict, written


@click.command(
    epilog="""\b
Examples:
  python -m ops verdict --dry-run
  python -m ops verdict --key verdict-key.pem --prometheus http://127.0.0.1:9090
  python -m ops verdict --chaos-report report.json --grade grade.json -o json

Without --prometheus the detector's is asked.

\b
Exit codes: 0 good, 1 failed, 2 wrong usage, 3 given, but the gate would refuse it.
"""
)
@options.stack(default="staging")
@options.context
@options.series
@options.alerting
@click.option("--chaos-report", type=options.FILE, help="Report of the last experiment.")
@click.option("--grade", type=options.FILE, help="The detector's grade.")
@click.option(
    "--valid-for", type=options.SPAN, default="24h", show_default=True, help="How long it counts."
)
@signing
@options.prints(Verdict)
def verdict(
    *, stack: str, chaos_report: Path | None, grade: Path | None, valid_for: timedelta
) -> int:
    """Ask an environment about the release it runs, and sign what it says."""
    key = signing_key()
    known = read_stack(stack)
    sources = options.sources(
        context=known.context, prometheus=known.says("anomaly", "prometheusUrl")
    )
    given = collect(
        sources, now=datetime.now(UTC), valid=valid_for, chaos_report=chaos_report, grade=grade
    )
    if given.environment != (wanted := known.says("environment")):
        raise ClusterError(
            f"{sources.cluster.name} is {given.environment}, not {wanted}; give the right --context"
        )
    if key:
        lay(given, key, VERDICT)
    emit(given, table(("WHAT", "VERDICT"), _rows(given)))
    objections = list(health(given, Terms()))
    for each in objections:
        say(f"the gate would refuse this: {each.message}")
    if not objections:
        say("the gate has nothing against promoting this")
    return UnhealthyError.exit_code if objections else 0


def _rows(given: Verdict) -> list[tuple[str, str]]:
    """A verdict for people."""
    revisions = checks(given)["flux"].revisions
    return [
        ("environment", given.environment),
        ("commit", given.commit),
        ("tree", given.tree),
        *((f"revision {name}", at) for name, at in sorted(revisions.items())),
        *((name, judged(found)) for name, found in checks(given).items()),
        ("given", written(given.at)),
        ("counts until", written(given.expires)),
    ]


def judged(found: Result) -> str:
    """A result in a line."""
    said = "not judged" if found.result == "none" else found.result
    score = "" if found.score is None else f" {found.score:g}"
    return f"{said}{score}: {found.reason}"
