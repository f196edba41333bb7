"""`drift`: what is not as it was declared, for both owners, and one issue that says so."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import RenderableType

from ops.cluster import Cluster
from ops.commands import options
from ops.commands.output import emit, say, table
from ops.delivery.commands.repository import asked_github, repository
from ops.delivery.drift.flux import drift as flux_drift
from ops.delivery.drift.markdown import LABEL, body, happened, marker, summary, title
from ops.delivery.drift.report import DriftReport, drifted
from ops.delivery.engine import Engine
from ops.delivery.github import upsert
from ops.delivery.preview.markdown import places
from ops.delivery.preview.report import Report
from ops.errors import EngineError, NotInstalledError
from ops.files import write
from ops.gitops.state import GitOpsObject
from ops.gitops.status import get_gitops_status
from ops.stack import read_stack
from vocabulary.kinds import CONFIG_MAP, EVENT, KUSTOMIZATION
from vocabulary.promotion.checkout import FOLDER_VARIABLE, OVERRIDE, VERDICT
from vocabulary.promotion.release import NAME, NAMESPACE


@click.command(
    epilog="""\b
Examples:
  python -m ops drift --stack staging
  python -m ops drift --stack prod --issue --repository "$GITHUB_REPOSITORY"
  python -m ops drift --stack prod -o json

\b
Exit codes: 0 no drift, 1 failed, 2 wrong usage, 3 drift.
"""
)
@options.stack(required=True)
@options.cwd
@options.context
@click.option(
    "--within",
    type=options.SPAN,
    default="24h",
    show_default=True,
    help="How far back Flux's events are read; clusters keep them for an hour.",
)
@click.option("--issue", is_flag=True, help="Keep an issue up to date.")
@click.option("--run-url", default="", metavar="URL", help="Where the run can be read.")
@repository
@options.prints(DriftReport)
def drift(*, stack: str, cwd: Path, within: timedelta, issue: bool, run_url: str) -> int:
    """Look for drift in a stack and in what Flux applies."""
    github = asked_github() if issue else None
    found = _look(stack, cwd, options.asked_cluster(context=read_stack(stack, cwd).context), within)
    code = emit(found, *_shown(found))
    text = body(found, run_url=run_url)
    if github:
        done = upsert.issue(
            github,
            marker(stack),
            title=title(found),
            body=text,
            label=LABEL,
            is_open=not found.well,
        )
        say(f"issue: {done.action} {done.url}")
    elif issue:
        click.echo(text.rstrip())
    return code


def _look(stack: str, cwd: Path, cluster: Cluster, within: timedelta) -> DriftReport:
    with _last_papers(cluster) as variables:
        # What somebody else owns by now is what this looks for, not what ends it.
        engine = Engine(stack, cwd, {**variables, "PULUMI_K8S_ENABLE_PATCH_FORCE": "true"})
        declared = _succeeded(engine.preview(quiet=True))
        refreshed = _succeeded(engine.preview("--refresh", quiet=True))
    now = datetime.now(UTC)
    return DriftReport(
        stack=stack,
        at=now,
        pulumi=drifted(refreshed.steps, declared.steps),
        pending=len(declared.steps),
        flux=flux_drift(
            _flux(cluster),
            cluster.all(KUSTOMIZATION),
            cluster.all(EVENT),
            now=now,
            within=within,
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


def _shown(found: DriftReport) -> list[RenderableType]:
    rows = [
        ("Pulumi", step.kind, step.name, ", ".join(places(step)) or happened(step))
        for step in found.pulumi
    ]
    rows += [
        ("Flux", each.kind, each.name, f"healed: {each.what}" if each.healed else each.what)
        for each in found.flux
    ]
    shown: list[RenderableType] = [f"{found.stack}: {summary(found)}"]
    return [table(("OWNER", "KIND", "OBJECT", "WHAT"), rows), *shown] if rows else shown
