"""Asks an environment everything that its verdict says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from delivery.cluster import Cluster
from delivery.errors import ClusterError
from delivery.flux import revisions, unready
from delivery.prometheus import Prometheus
from delivery.verdict.chaos import from_report, from_workflows, grade
from promotion.errors import PaperError
from promotion.papers import Detector, Flux, Verdict
from promotion.release import NAME, NAMESPACE, UNKNOWN, Release
from vocabulary.kinds import (
    APPLIERS,
    CONFIG_MAP,
    SOURCES,
    WORKFLOW,
)

NOT_GRADED = "not graded; `python -m anomaly grade -o json` grades, --grade FILE tells"


@dataclass(frozen=True)
class Sources:
    """Where to ask."""

    cluster: Cluster
    """The environment's cluster."""

    prometheus: Prometheus
    """The environment's Prometheus."""

    chaos_report: Path | None = None
    """A report of the last experiment; None takes the cluster's workflows."""

    grade: Path | None = None
    """The detector's grade; None leaves it open."""


def collect(sources: Sources, *, now: datetime, valid: timedelta) -> Verdict:
    """The verdict of what an environment runs now.

    Raises:
        ClusterError: when something cannot be asked, or the release is not known.
        UsageError: when a file is none of its kind.
    """
    release = released(sources.cluster)
    if release.commit == UNKNOWN:
        raise ClusterError(
            f"{sources.cluster} runs a release whose commit nobody knows; deploy it from a checkout"
        )
    detector = grade(sources.grade) if sources.grade else Detector(reason=NOT_GRADED)
    report = sources.chaos_report
    return Verdict(
        environment=release.environment,
        commit=release.commit,
        configuration=release.configuration,
        images=release.images,
        flux=flux(sources.cluster),
        chaos=from_report(report) if report else from_workflows(sources.cluster.all(WORKFLOW)),
        detector=detector,
        alerts=sources.prometheus.alerts(),
        at=now,
        expires=now + valid,
    )


def released(cluster: Cluster) -> Release:
    """What a cluster says that it runs."""
    record = cluster.one(CONFIG_MAP, NAMESPACE, NAME)
    if record is None:
        raise ClusterError(
            f"{cluster} has no record of a release (ConfigMap {NAMESPACE}/{NAME}); "
            "`pulumi up` writes one"
        )
    try:
        return Release.from_data(record.get("data") or {})
    except PaperError as error:
        raise ClusterError(f"{cluster}: {error}") from None


def flux(cluster: Cluster) -> Flux:
    """Whether Flux has applied what Git says."""
    appliers = [item for kind in APPLIERS for item in cluster.all(kind)]
    sources = [item for kind in SOURCES for item in cluster.all(kind)]
    problems = [str(found) for found in unready(appliers, sources)]
    if not appliers:
        problems = ["there is no Kustomization and no HelmRelease, so nothing is applied"]
    return Flux(ready=not problems, revisions=revisions(appliers), problems=tuple(problems[:20]))
