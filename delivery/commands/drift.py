"""`drift`: what is not as it was declared, for both owners, and one issue that says so."""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from delivery.commands.arguments import (
    FOUND,
    OK,
    Commands,
    command,
    duration,
    folder,
    output,
    repository,
    stack,
)
from delivery.console import say, show, show_json, show_table
from delivery.drift.flux import drift as flux_drift
from delivery.drift.markdown import LABEL, body, happened, marker, summary, title
from delivery.drift.report import DriftReport, FluxDrift, drifted
from delivery.engine import ROOT, Engine
from delivery.errors import EngineError, UsageError
from delivery.files import write
from delivery.github import upsert
from delivery.github.client import GitHub
from delivery.preview.report import Report, Step
from delivery.rendering.stacks import configuration
from ops.cluster import Cluster, connect
from ops.errors import NotInstalledError
from ops.gitops.state import GitOpsObject
from ops.gitops.status import get_gitops_status
from promotion.checkout import FOLDER_VARIABLE, OVERRIDE, VERDICT
from promotion.release import NAME, NAMESPACE
from vocabulary.kinds import CONFIG_MAP, EVENT, KUSTOMIZATION

EXAMPLES = """\
  python -m delivery drift --stack staging
  python -m delivery drift --stack prod --issue --repository "$GITHUB_REPOSITORY"
  python -m delivery drift --stack prod -o json

exit codes: 0 no drift, 1 failed, 2 wrong usage, 3 drift"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "drift",
        run,
        does="look for drift in a stack and in what Flux applies",
        examples=EXAMPLES,
    )
    stack(added)
    folder(added, ROOT)
    added.add_argument(
        "--context", metavar="NAME", help="kubeconfig context (default: the stack's)"
    )
    added.add_argument(
        "--within",
        type=duration,
        default=timedelta(hours=24),
        metavar="DURATION",
        help="how far back Flux's events are read (default: 24h; clusters keep them for an hour)",
    )
    added.add_argument("--issue", action="store_true", help="keep an issue up to date")
    added.add_argument("--run-url", default="", metavar="URL", help="where the run can be read")
    repository(added)
    output(added)


def run(options: argparse.Namespace) -> int:
    """Look for drift, and tell."""
    if options.issue and not options.repository:
        raise UsageError("--repository is missing; it says where the issue is")
    values, _ = configuration(options.stack)
    context = json.loads(values.get("brisa-platform:cluster") or "{}").get("context")
    cluster = connect(context=options.context or context)
    found = _look(options, cluster)
    if options.output == "json":
        show_json(found)
    else:
        _show(found)
    if options.issue:
        _tell(found, options)
    return FOUND if found.found else OK


def _look(options: argparse.Namespace, cluster: Cluster) -> DriftReport:
    with _last_papers(cluster) as variables:
        engine = Engine(options.stack, options.cwd, variables)
        declared = _succeeded(engine.preview(quiet=True))
        refreshed = _succeeded(engine.preview("--refresh", quiet=True))
    now = datetime.now(UTC)
    return DriftReport(
        stack=options.stack,
        at=now,
        pulumi=drifted(refreshed.steps, declared.steps),
        pending=len(declared.steps),
        flux=flux_drift(
            _flux(cluster),
            cluster.all(KUSTOMIZATION),
            cluster.all(EVENT),
            now=now,
            within=options.within,
        ),
    )


def _flux(cluster: Cluster) -> tuple[GitOpsObject, ...]:
    try:
        return get_gitops_status(cluster).objects
    except NotInstalledError:
        return ()


def _succeeded(seen: Report) -> Report:
    if not seen.succeeded:
        said = "; ".join(each.message for each in seen.diagnostics) or "the preview failed"
        raise EngineError(f"{seen.stack} cannot be previewed: {said}")
    return seen


@contextmanager
def _last_papers(cluster: Cluster) -> Iterator[dict[str, str]]:
    """The papers of what is deployed, so that their absence here is no change."""
    record = cluster.one(CONFIG_MAP, NAMESPACE, NAME) or {}
    data = record.get("data") or {}
    with tempfile.TemporaryDirectory() as folder_:
        for key, file in (("verdict", VERDICT), ("override", OVERRIDE)):
            if data.get(key):
                write(Path(folder_) / file, data[key])
        yield {FOLDER_VARIABLE: folder_}


def _show(found: DriftReport) -> None:
    rows: list[tuple[Any, ...]] = [
        ("Pulumi", step.kind, step.name, _where(step)) for step in found.pulumi
    ]
    rows += [("Flux", each.kind, each.name, _what(each)) for each in found.flux]
    if rows:
        show_table("OWNER", "KIND", "OBJECT", "WHAT", rows=rows)
    show(f"{found.stack}: {summary(found)}")


def _where(step: Step) -> str:
    return ", ".join(each.path for each in step.differences if each.path) or happened(step)


def _what(each: FluxDrift) -> str:
    return f"healed: {each.what}" if each.healed else each.what


def _tell(found: DriftReport, options: argparse.Namespace) -> None:
    text = body(found, run_url=options.run_url)
    if options.dry_run:
        show(text.rstrip())
        return
    done = upsert.issue(
        GitHub.from_environment(options.repository),
        marker(found.stack),
        title=title(found),
        body=text,
        label=LABEL,
        is_open=found.found,
        author=options.author,
    )
    say(f"issue: {done.action} {done.url}")
