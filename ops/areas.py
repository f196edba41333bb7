"""What each area of the platform has to say about itself in one line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from ops.alerts import Alertmanager, get_alerts
from ops.anomalies import get_anomalies
from ops.chaos.overview import get_overview
from ops.cluster import Cluster
from ops.cluster.objects import annotations, format_time
from ops.detector import get_detector
from ops.gitops.state import GitOpsObject
from ops.gitops.status import get_gitops_status
from ops.mesh.certificates import get_certificates
from ops.mesh.mtls import Workload, get_mutual_tls
from ops.mesh.routes import get_routes
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


@dataclass(frozen=True)
class Sources:
    """Whom to ask."""

    cluster: Cluster
    """The API server."""

    prometheus: Prometheus | None = None
    """Where series are."""

    alertmanager: Alertmanager | None = None
    """Where alerts are."""


class Said(NamedTuple):
    """What an area says of itself."""

    state: State
    summary: str
    details: Sequence[str] = ()


def _gitops(sources: Sources) -> Said:
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
    details = [f"{e.title}: {e.reason or 'failed'}: {e.message}" for e in status.failed]
    details += map(_suspension, status.suspended)
    bad = bool(status.failed or status.overdue)
    return Said(_state(bad=bad, unknown=status.unknown), summary, [*details, *status.unknown])


def _suspension(each: GitOpsObject) -> str:
    due = " (overdue: gitops resume --expired)" if each.overdue else ""
    return f"{each.title}: suspended {each.message}{due}"


def _mesh(sources: Sources) -> Said:
    tls = get_mutual_tls(sources.cluster, sources.prometheus)
    routes = get_routes(sources.cluster).routes
    wrong = [each for each in routes if each.problems]
    strict = sum(each.is_strict for each in tls.workloads)
    spaces = sum(each.is_as_declared for each in tls.namespaces)
    shares = [each.measured for each in tls.namespaces if each.measured is not None]
    summary = (
        f"mutual TLS: {strict} of {len(tls.workloads)} workloads, "
        f"{spaces} of {len(tls.namespaces)} namespaces; "
        + (f"measured {min(shares):.1%} at least" if shares else tls.measurement)
        + (f"; {len(wrong)} of {len(routes)} routes wrong" if wrong else "")
    )
    details = [
        *(f"{e.namespace}/{e.virtual_service}: {said}" for e in wrong for said in e.problems),
        *(f"{each.name}: {each.mode}" for each in tls.namespaces if each.mode != "STRICT"),
        *(
            f"{space.name}/{each.name}: {_plain_text(each)}"
            for space in tls.namespaces
            for each in space.workloads
            if not each.is_strict
        ),
    ]
    return Said("well" if tls.well and not wrong else "unwell", summary, details)


def _plain_text(workload: Workload) -> str:
    if workload.mode is None:
        return "no sidecar"
    if workload.opt_out:
        ports = ", ".join(workload.exceptions)
        until = f"until {workload.opt_out.until}"
        return f"takes plain text at port {ports} {until}: {workload.opt_out.reason}"
    ports = "".join(f", port {port} {mode}" for port, mode in workload.exceptions.items())
    return f"{workload.mode}{ports}"


def _certificates(sources: Sources) -> Said:
    sources.cluster.catalogue.find(PEER_AUTHENTICATION)
    found = get_certificates(sources.cluster, sources.prometheus)
    parts = []
    if found.roots:
        parts.append(f"root until {format_time(found.roots[0].expires)}")
    if found.workloads:
        left = timedelta(seconds=int(found.workloads[0].remaining_seconds))
        parts.append(f"{len(found.workloads)} workloads, {format_duration(left)} left at least")
    if not parts:
        return Said("off", "; ".join(found.unknown))
    low = (each for each in found.workloads if each.low)
    details = [f"{e.namespace}/{e.pod}: {e.remaining_seconds / 3600:.1f} h left" for e in low]
    state: State = "well" if found.well else "unwell"
    return Said(state, ", ".join(parts), [*details, *found.unknown])


def _chaos(sources: Sources) -> Said:
    found = get_overview(sources.cluster)
    lasting = [each for each in found.schedules if not each.has_run]
    paused = [each for each in lasting if each.paused]
    running = [each for each in found.workflows if each.phase in ("running", "aborting")]
    summary = (
        f"{len(found.active)} active, {len(running)} workflows running, "
        f"{len(paused)} of {len(lasting)} schedules paused, {len(found.stuck)} stuck"
    )
    details = [f"{each.ref}: stuck, {each.stuck}" for each in found.stuck]
    details += [f"{each.ref}: {each.phase}" for each in found.active]
    for each in paused:
        why = f"by {each.record}" if each.record else "not with ops"
        details.append(f"{each.ref}: paused {why}")
    state = _state(bad=bool(found.stuck), unknown=found.unknown)
    return Said(state, summary, [*details, *found.unknown])


def _detector(sources: Sources) -> Said:
    found = get_detector(sources.cluster, sources.prometheus)
    if found.suspended:
        return Said("off", "switched off (anomaly.enabled: false)")
    success = format_time(found.last_success) if found.last_success else "none is known"
    summary = f"{found.mode}, last success: {success}"
    return Said("unwell", summary, [found.problem]) if found.problem else Said("well", summary)


def _anomalies(sources: Sources) -> Said:
    if sources.prometheus is None:
        return Said("off", NO_PROMETHEUS)
    found = get_anomalies(sources.prometheus, sources.alertmanager)
    odd = [each for each in found.anomalies if each.now]
    if not found.scored:
        return Said("off", "; ".join(found.unknown))
    details = [f"{e.signal} {e.labels}: score {e.score:.2f}" for e in odd if e.score]
    # Anomalies inform and never page: what they mean for users, alerts say.
    return Said("well", f"{len(odd)} of {found.scored} series anomalous now", details)


def _alerts(sources: Sources) -> Said:
    found = get_alerts(sources.prometheus, sources.alertmanager)
    if found is None:
        return Said("off", NO_ALERTS)
    count = Counter(each.severity for each in found.alerts)
    summary = f"{count['critical']} critical, {count['warning']} warning, {count['info']} info"
    details = [f"{e.severity} {e.name}: {e.summary or e.labels}" for e in found.urgent]
    return Said("well" if found.well else "unwell", summary, details)


def _release(sources: Sources) -> Said:
    """What let the release in that runs; a gate that is off is shown, not judged."""
    record = sources.cluster.one(CONFIG_MAP, PLATFORM, "release")
    if record is None:
        return Said("off", "no release is recorded")
    data, notes = record.get("data") or {}, annotations(record)
    how = "no verdict is recorded"
    if data.get("gate") == "off":
        how = "let in without a gate, as the stack file says (promotion: off)"
    elif OVERRIDDEN in notes:
        how = f"let in without a verdict: {notes[OVERRIDDEN]}"
    elif PROMOTED_BY in notes:
        how = f"let in by the verdict of {notes[PROMOTED_BY]}"
    return Said("well", f"{data.get('environment')}: {how}")


def _state(*, bad: bool, unknown: Sequence[str]) -> State:
    if bad:
        return "unwell"
    return "unknown" if unknown else "well"


AREAS: Mapping[Name, Callable[[Sources], Said]] = {
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
