"""Asks an environment everything that its verdict says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ops.alerts import Alertmanager, critical
from ops.chaos.injected import experiment_events
from ops.chaos.report.runs import WORKFLOW_NODE
from ops.cluster import Cluster, Object
from ops.cluster.objects import parse_time
from ops.delivery.verdict.chaos import from_report, from_workflows, grade
from ops.errors import ClusterError, NotInstalledError
from ops.gitops.status import get_gitops_status
from ops.prometheus import Prometheus
from vocabulary.kinds import APPLIERS, CONFIG_MAP, KUSTOMIZATION, WORKFLOW
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.papers import Check, Result, Verdict
from vocabulary.promotion.release import NAME, NAMESPACE, UNKNOWN, Release

MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Sources:
    """Where to ask."""

    cluster: Cluster
    """The environment's cluster."""

    prometheus: Prometheus | None = None
    """The environment's Prometheus; None leaves alerts open."""

    alertmanager: Alertmanager | None = None
    """The environment's Alertmanager, which knows silences; None counts every alert that fires."""

    chaos_report: Path | None = None
    """A report of the last experiment; None takes the cluster's workflows."""

    grade: Path | None = None
    """The detector's grade; None leaves it open."""


def collect(sources: Sources, *, now: datetime, valid: timedelta) -> Verdict:
    """The verdict of what an environment runs now.

    Raises:
        OpsError: when something cannot be asked, the release is not known, or a file is none.
    """
    record = _record(sources.cluster)
    release = _released(record, sources.cluster)
    return Verdict(
        environment=release.environment,
        tree=release.tree,
        commit=release.commit,
        checks=_checks(sources, parse_time(record["metadata"].get("creationTimestamp")) or now),
        at=now,
        expires=now + valid,
    )


def _checks(sources: Sources, since: datetime) -> Mapping[Check, Result]:
    cluster, report = sources.cluster, sources.chaos_report
    return {
        "flux": _flux(cluster),
        "chaos": from_report(report, since)
        if report
        else from_workflows(
            cluster.all(WORKFLOW), cluster.all(WORKFLOW_NODE), experiment_events(cluster), since
        ),
        "detector": grade(sources.grade)
        if sources.grade
        else Result(result="none", reason="not graded; `python -m anomaly grade` grades"),
        "alerts": _alerts(sources.prometheus, sources.alertmanager),
    }


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


def _alerts(prometheus: Prometheus | None, alertmanager: Alertmanager | None) -> Result:
    """Whether a critical alert fires that nobody has silenced."""
    if prometheus is None:
        return Result(result="none", reason="no Prometheus was given")
    watched = critical(prometheus)
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
