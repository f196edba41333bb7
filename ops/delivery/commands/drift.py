"""`drift`: what is not as it was declared, for both owners."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ops.cluster import Cluster
from ops.commands import options
from ops.commands.output import emit
from ops.delivery.drift.flux import drift as flux_drift
from ops.delivery.drift.markdown import body
from ops.delivery.drift.report import DriftReport, drifted
from ops.delivery.engine import Engine
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
@click.option("--run-url", default="", metavar="URL", help="Where the run can be read.")
@options.prints(DriftReport, "markdown")
def drift(*, stack: str, cwd: Path, within: timedelta, run_url: str) -> int:
    """Look for drift in a stack and in what Flux applies."""
    found = _look(stack, cwd, options.asked_cluster(context=read_stack(stack, cwd).context), within)
    return emit(found, body(found, run_url=run_url).rstrip())


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
