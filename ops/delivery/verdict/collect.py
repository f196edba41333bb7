"""Asks an environment everything that its verdict says."""

from datetime import datetime, timedelta
from pathlib import Path

from ops.alerts import critical
from ops.areas import Sources
from ops.chaos.injected import experiment_events
from ops.chaos.report.runs import WORKFLOW_NODE
from ops.cluster import Cluster, Object
from ops.cluster.objects import parse_time
from ops.delivery.verdict.chaos import from_report, from_workflows
from ops.delivery.verdict.chaos import grade as graded
from ops.errors import ClusterError, NotInstalledError
from ops.gitops.status import get_gitops_status
from vocabulary.kinds import APPLIERS, CONFIG_MAP, KUSTOMIZATION, WORKFLOW
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.papers import Check, Result, Verdict
from vocabulary.promotion.release import NAME, NAMESPACE, UNKNOWN, Release

MOST_PROBLEMS = 20


def collect(
    sources: Sources,
    *,
    now: datetime,
    valid: timedelta,
    chaos_report: Path | None = None,
    grade: Path | None = None,
) -> Verdict:
    """The verdict of what an environment runs now.

    Without a report of the last experiment the cluster's workflows say how it ended; without a
    Prometheus, or a grade, its check stays open; without an Alertmanager, which knows silences,
    every alert that fires counts.

    Raises:
        OpsError: when something cannot be asked, the release is not known, or a file is none.
    """
    cluster = sources.cluster
    record = _record(cluster)
    release = _released(record, cluster)
    since = parse_time(record["metadata"].get("creationTimestamp")) or now
    ungraded = Result(result="none", reason="not graded; `python -m anomaly grade` grades")
    checks: dict[Check, Result] = {
        "flux": _flux(cluster),
        "chaos": from_report(chaos_report, since) if chaos_report else _experiments(cluster, since),
        "detector": graded(grade) if grade else ungraded,
        "alerts": _alerts(sources),
    }
    return Verdict(
        environment=release.environment,
        tree=release.tree,
        commit=release.commit,
        checks=checks,
        at=now,
        expires=now + valid,
    )


def _experiments(cluster: Cluster, since: datetime) -> Result:
    nodes, events = cluster.all(WORKFLOW_NODE), experiment_events(cluster)
    return from_workflows(cluster.all(WORKFLOW), nodes, events, since)


def _record(cluster: Cluster) -> Object:
    record = cluster.one(CONFIG_MAP, NAMESPACE, NAME)
    if record is None:
        raise ClusterError(
            f"{cluster.name} has no record of a release (ConfigMap {NAMESPACE}/{NAME}); "
            "`pulumi up` writes one"
        )
    return record


def _released(record: Object, cluster: Cluster) -> Release:
    try:
        release = Release.from_data(record.get("data") or {})
    except PaperError as error:
        raise ClusterError(f"{cluster.name}: {error}; `pulumi up` writes a new one") from None
    if UNKNOWN in {release.commit, release.tree}:
        raise ClusterError(
            f"{cluster.name} runs a release whose commit nobody knows; deploy it from a checkout"
        )
    return release


def _flux(cluster: Cluster) -> Result:
    """Whether Flux has applied what Git says."""
    try:
        status = get_gitops_status(cluster)
    except NotInstalledError:
        return Result(result="none", reason="Flux is not installed")
    kinds = {kind.kind for kind in APPLIERS}
    appliers = [each for each in status.objects if each.kind in kinds]
    problems = [*status.unknown, *(each.trouble for each in appliers if each.trouble)]
    if not appliers and not problems:
        return Result(result="none", reason="there is no Kustomization and no HelmRelease")
    return Result(
        result="failed" if problems else "passed",
        reason="; ".join(problems[:MOST_PROBLEMS])[:2_000] or f"{len(appliers)} objects are ready",
        revisions={
            f"{each.namespace}/{each.name}": each.revision or "none"
            for each in appliers
            if each.kind == KUSTOMIZATION.kind
        },
    )


def _alerts(sources: Sources) -> Result:
    """Whether a critical alert fires that nobody has silenced."""
    if sources.prometheus is None:
        return Result(result="none", reason="no Prometheus was given")
    watched, alertmanager = critical(sources.prometheus), sources.alertmanager
    if not watched.rules:
        return Result(result="none", reason="no critical alert is defined, so silence says nothing")
    firing, hushed = watched.firing, frozenset[str]()
    if alertmanager and firing:
        hushed = firing - {each.name for each in alertmanager.firing()}
        firing -= hushed
    notes = [f"silenced or inhibited: {', '.join(sorted(hushed))}"] if hushed else []
    if firing:
        told = f"{', '.join(sorted(firing))} of {watched.rules} critical alerts fire"
        notes += [] if alertmanager else ["no Alertmanager was asked about silences"]
        return Result(result="failed", reason="; ".join([told, *notes])[:2_000])
    told = f"none of {watched.rules} critical alerts fires"
    return Result(result="passed", reason="; ".join([told, *notes])[:2_000])
