"""What each area of the platform has to say about itself in one line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ops.alerts import Alertmanager, get_alerts
from ops.anomalies import get_anomalies
from ops.chaos.overview import ChaosOverview, get_overview
from ops.cluster import Cluster
from ops.cluster.objects import annotations, format_time
from ops.detector import get_detector
from ops.documents import Part
from ops.gitops.status import GitOpsStatus, get_gitops_status
from ops.mesh.certificates import get_certificates
from ops.mesh.mtls import MutualTls, Workload, get_mutual_tls
from ops.mesh.routes import Routes, get_routes
from ops.prometheus import Prometheus
from vocabulary.kinds import CONFIG_MAP, PEER_AUTHENTICATION
from vocabulary.labels import OVERRIDDEN, PLATFORM, PROMOTED_BY
from vocabulary.timing.duration import format_duration

State = Literal["well", "unwell", "unknown", "off"]
Name = Literal[
    "gitops", "mesh", "certificates", "chaos", "detector", "anomalies", "alerts", "release"
]

NO_PROMETHEUS = "nobody to ask: give --prometheus URL, or set PROMETHEUS_URL"
NO_ALERTS = "nobody to ask: give --alertmanager URL or --prometheus URL"


class Area(Part):
    """One line of the status."""

    name: Name
    """Which part of the platform."""

    state: State
    """How it is."""

    summary: str
    """In a few words."""

    details: tuple[str, ...] = ()
    """What to look at, worst first."""


@dataclass(frozen=True)
class Sources:
    """Whom to ask."""

    cluster: Cluster
    """The API server."""

    prometheus: Prometheus | None = None
    """Where series are."""

    alertmanager: Alertmanager | None = None
    """Where alerts are."""


def _gitops(sources: Sources) -> Area:
    status = get_gitops_status(sources.cluster)
    ready = [each for each in status.objects if each.state == "ready"]
    reconciled = [each for each in status.objects if each.state != "static"]
    summary = f"{len(ready)} of {len(reconciled)} ready"
    if revisions := sorted(
        {e.short_revision for e in ready if e.kind == "Kustomization" and e.revision}
    ):
        summary += f" at {', '.join(revisions)}"
    if moving := [each for each in status.objects if each.state == "progressing"]:
        summary += f", {len(moving)} under way"
    if status.suspended:
        summary += f", {len(status.suspended)} suspended"
    return Area(
        name="gitops",
        state=_state(bad=bool(status.failed or status.overdue), unknown=status.unknown),
        summary=summary,
        details=tuple(_gitops_details(status)),
    )


def _gitops_details(status: GitOpsStatus) -> list[str]:
    lines = [f"{e.title}: {e.reason or 'failed'}: {e.message}" for e in status.failed]
    for each in status.suspended:
        record = each.suspension
        if record is None:
            lines.append(f"{each.title}: suspended, nobody said why")
            continue
        until = f", until {format_time(record.until)}" if record.until else ", without an end"
        due = " (overdue: gitops resume --expired)" if each.overdue else ""
        lines.append(f"{each.title}: suspended by {record.by}: {record.reason}{until}{due}")
    return [*lines, *status.unknown]


def _mesh(sources: Sources) -> Area:
    tls = get_mutual_tls(sources.cluster, sources.prometheus)
    strict = sum(each.is_strict for each in tls.workloads)
    spaces = sum(each.is_as_declared for each in tls.namespaces)
    summary = (
        f"mutual TLS: {strict} of {len(tls.workloads)} workloads, "
        f"{spaces} of {len(tls.namespaces)} namespaces"
    )
    shares = [each.measured for each in tls.namespaces if each.measured is not None]
    summary += f"; measured {min(shares):.1%} at least" if shares else f"; {tls.measurement}"
    routes = get_routes(sources.cluster)
    wrong = sum(bool(each.problems) for each in routes.routes)
    summary += f"; {wrong} of {len(routes.routes)} routes wrong" if wrong else ""
    return Area(
        name="mesh",
        state="well" if tls.well and routes.well else "unwell",
        summary=summary,
        details=(*_wrong_routes(routes), *_mesh_details(tls)),
    )


def _wrong_routes(routes: Routes) -> list[str]:
    return [
        f"{each.namespace}/{each.virtual_service}: {problem}"
        for each in routes.routes
        for problem in each.problems
    ]


def _mesh_details(tls: MutualTls) -> list[str]:
    lines = [f"{each.name}: {each.mode}" for each in tls.namespaces if each.mode != "STRICT"]
    return lines + [
        f"{space.name}/{each.name}: {_plain_text(each)}"
        for space in tls.namespaces
        for each in space.workloads
        if not each.is_strict
    ]


def _plain_text(workload: Workload) -> str:
    if workload.mode is None:
        return "no sidecar"
    if workload.opt_out:
        ports = ", ".join(workload.exceptions)
        until = f"until {workload.opt_out.until}"
        return f"takes plain text at port {ports} {until}: {workload.opt_out.reason}"
    ports = "".join(f", port {port} {mode}" for port, mode in workload.exceptions.items())
    return f"{workload.mode}{ports}"


def _certificates(sources: Sources) -> Area:
    sources.cluster.catalogue.find(PEER_AUTHENTICATION)
    found = get_certificates(sources.cluster, sources.prometheus)
    parts = []
    if found.roots:
        parts.append(f"root until {format_time(found.roots[0].expires)}")
    if found.workloads:
        left = timedelta(seconds=int(found.workloads[0].remaining_seconds))
        parts.append(f"{len(found.workloads)} workloads, {format_duration(left)} left at least")
    details = [
        f"{each.namespace}/{each.pod}: {each.remaining_seconds / 3600:.1f} h left"
        for each in found.workloads
        if each.low
    ]
    if not parts:
        return Area(name="certificates", state="off", summary="; ".join(found.unknown))
    return Area(
        name="certificates",
        state="well" if found.well else "unwell",
        summary=", ".join(parts),
        details=(*details, *found.unknown),
    )


def _chaos(sources: Sources) -> Area:
    found = get_overview(sources.cluster)
    lasting = [each for each in found.schedules if not each.has_run]
    paused = [each for each in lasting if each.paused]
    running = [each for each in found.workflows if each.phase in ("running", "aborting")]
    summary = (
        f"{len(found.active)} active, {len(running)} workflows running, "
        f"{len(paused)} of {len(lasting)} schedules paused, {len(found.stuck)} stuck"
    )
    return Area(
        name="chaos",
        state=_state(bad=bool(found.stuck), unknown=found.unknown),
        summary=summary,
        details=tuple(_chaos_details(found)),
    )


def _chaos_details(found: ChaosOverview) -> list[str]:
    lines = [f"{e.kind}/{e.name} in {e.namespace}: stuck, {e.stuck}" for e in found.stuck]
    lines += [f"{e.kind}/{e.name} in {e.namespace}: {e.phase}" for e in found.active]
    for each in found.schedules:
        if each.paused and not each.has_run:
            why = f"by {each.record.by}: {each.record.reason}" if each.record else "not with ops"
            lines.append(f"Schedule/{each.name} in {each.namespace}: paused {why}")
    return [*lines, *found.unknown]


def _detector(sources: Sources) -> Area:
    found = get_detector(sources.cluster, sources.prometheus)
    if found.suspended:
        return Area(name="detector", state="off", summary="switched off (anomaly.enabled: false)")
    success = format_time(found.last_success) if found.last_success else "none is known"
    return Area(
        name="detector",
        state="unwell" if found.problem else "well",
        summary=f"{found.mode}, last success: {success}",
        details=(found.problem,) if found.problem else (),
    )


def _anomalies(sources: Sources) -> Area:
    if sources.prometheus is None:
        return Area(name="anomalies", state="off", summary=NO_PROMETHEUS)
    found = get_anomalies(sources.prometheus, sources.alertmanager)
    odd = [each for each in found.anomalies if each.now]
    if not found.scored:
        return Area(name="anomalies", state="off", summary="; ".join(found.unknown))
    # Anomalies inform and never page: what they mean for users, alerts say.
    return Area(
        name="anomalies",
        state="well",
        summary=f"{len(odd)} of {found.scored} series anomalous now",
        details=tuple(f"{e.signal} {e.labels}: score {e.score:.2f}" for e in odd if e.score),
    )


def _alerts(sources: Sources) -> Area:
    found = get_alerts(sources.prometheus, sources.alertmanager)
    if found is None:
        return Area(name="alerts", state="off", summary=NO_ALERTS)
    counts = dict.fromkeys(("critical", "warning", "info"), 0)
    for each in found.alerts:
        if each.severity in counts:
            counts[each.severity] += 1
    summary = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    return Area(
        name="alerts",
        state="well" if found.well else "unwell",
        summary=summary,
        details=tuple(f"{e.severity} {e.name}: {e.summary or e.labels}" for e in found.urgent),
    )


def _release(sources: Sources) -> Area:
    """What let the release in that runs; a gate that is off is shown, not judged."""
    record = sources.cluster.one(CONFIG_MAP, PLATFORM, "release")
    if record is None:
        return Area(name="release", state="off", summary="no release is recorded")
    data, notes = record.get("data") or {}, annotations(record)
    how = "no verdict is recorded"
    if data.get("gate") == "off":
        how = "let in without a gate, as the stack file says (promotion: off)"
    elif OVERRIDDEN in notes:
        how = f"let in without a verdict: {notes[OVERRIDDEN]}"
    elif PROMOTED_BY in notes:
        how = f"let in by the verdict of {notes[PROMOTED_BY]}"
    return Area(name="release", state="well", summary=f"{data.get('environment')}: {how}")


def _state(*, bad: bool, unknown: tuple[str, ...]) -> State:
    if bad:
        return "unwell"
    return "unknown" if unknown else "well"


AREAS: dict[Name, Callable[[Sources], Area]] = {
    "gitops": _gitops,
    "mesh": _mesh,
    "certificates": _certificates,
    "chaos": _chaos,
    "detector": _detector,
    "anomalies": _anomalies,
    "alerts": _alerts,
    "release": _release,
}
"""The areas, in the order in which they are shown."""
