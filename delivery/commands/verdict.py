"""`verdict`: what an environment says of the release that it runs, signed."""

import argparse
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from delivery.commands.arguments import FOUND, OK, Commands, command, duration, output, stack
from delivery.commands.keys import VARIABLE, signing_key
from delivery.console import say, show, show_table
from delivery.errors import ClusterError
from delivery.files import write
from delivery.rendering.stacks import configuration
from delivery.verdict.collect import Sources, collect
from ops.alerts import Alertmanager
from ops.cluster import connect
from ops.prometheus import Prometheus
from promotion.checkout import VERDICT, folder
from promotion.gate import Terms, checks, health
from promotion.papers import Result, Verdict, written
from promotion.seal import sealed

PROMETHEUS_VARIABLE, ALERTMANAGER_VARIABLE = "PROMETHEUS_URL", "ALERTMANAGER_URL"
EXAMPLES = """\
  python -m delivery verdict --dry-run
  python -m delivery verdict --key verdict-key.pem --prometheus http://127.0.0.1:9090
  python -m delivery verdict --chaos-report report.json --grade grade.json -o json

exit codes: 0 good, 1 failed, 2 wrong usage, 3 given, but the gate would refuse it"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "verdict",
        run,
        does="ask an environment about the release it runs, and sign what it says",
        examples=EXAMPLES,
    )
    stack(added, "staging")
    added.add_argument(
        "--context", metavar="NAME", help="kubeconfig context (default: the stack's)"
    )
    added.add_argument(
        "--prometheus",
        metavar="URL",
        help=f"its Prometheus (default: {PROMETHEUS_VARIABLE}, else the detector's)",
    )
    added.add_argument(
        "--alertmanager",
        metavar="URL",
        default=os.environ.get(ALERTMANAGER_VARIABLE),
        help=f"its Alertmanager, which knows silences (default: {ALERTMANAGER_VARIABLE})",
    )
    added.add_argument(
        "--chaos-report", type=Path, metavar="FILE", help="report of the last experiment"
    )
    added.add_argument("--grade", type=Path, metavar="FILE", help="the detector's grade")
    added.add_argument(
        "--valid-for",
        type=duration,
        default=timedelta(days=1),
        metavar="DURATION",
        help="how long it counts (default: 24h)",
    )
    added.add_argument(
        "--key", type=Path, metavar="FILE", help=f"private key (default: {VARIABLE})"
    )
    added.add_argument("--into", type=Path, metavar="FILE", help="where to (default: .promotion)")
    added.add_argument("--dry-run", action="store_true", help="sign and write nothing")
    output(added)


def run(options: argparse.Namespace) -> int:
    """Take a verdict."""
    key = None if options.dry_run else signing_key(options.key)
    values, _ = configuration(options.stack)
    address = (
        options.prometheus
        or os.environ.get(PROMETHEUS_VARIABLE)
        or _setting(values, "anomaly", "prometheusUrl")
    )
    sources = Sources(
        cluster=connect(context=options.context or _setting(values, "cluster", "context")),
        prometheus=Prometheus(address) if address else None,
        alertmanager=Alertmanager(options.alertmanager) if options.alertmanager else None,
        chaos_report=options.chaos_report,
        grade=options.grade,
    )
    verdict = collect(sources, now=datetime.now(UTC), valid=options.valid_for)
    wanted = values["brisa-platform:environment"]
    if verdict.environment != wanted:
        raise ClusterError(
            f"{sources.cluster.name} is {verdict.environment}, not {wanted}; give the right "
            "--context"
        )
    if key:
        path = options.into or folder() / VERDICT
        write(path, sealed(verdict, key))
        say(f"wrote {path}")
    if options.output == "json":
        show(verdict.model_dump_json(by_alias=True, indent=2))
    else:
        show_table("WHAT", "VERDICT", rows=rows(verdict))
    objections = list(health(verdict, Terms()))
    for each in objections:
        say(f"the gate would refuse this: {each.message}")
    return FOUND if objections else OK


def rows(verdict: Verdict) -> list[tuple[Any, ...]]:
    """A verdict for people."""
    revisions = checks(verdict)["flux"].revisions
    return [
        ("environment", verdict.environment),
        ("commit", verdict.commit),
        ("tree", verdict.tree),
        *((f"revision {name}", at) for name, at in sorted(revisions.items())),
        *((name, judged(found)) for name, found in checks(verdict).items()),
        ("given", written(verdict.at)),
        ("counts until", written(verdict.expires)),
    ]


def judged(found: Result) -> str:
    """A result in a line."""
    said = "not judged" if found.result == "none" else found.result
    score = "" if found.score is None else f" {found.score:g}"
    return f"{said}{score}: {found.reason}"


def _setting(values: dict[str, str], area: str, key: str) -> str | None:
    found = json.loads(values.get(f"brisa-platform:{area}") or "{}").get(key)
    return str(found) if found else None
