"""Whether anybody would notice: the watchdog, and series without which rules are silent."""

from collections.abc import Iterator

from observability.alerting_rules.model import Alert, Group
from observability.promql.flux import flux_state
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary.boards import CHAOS, GITOPS, MESH

ABSENT = "30m"
"""Chaos Mesh's gauges may vanish for a moment when it cannot list; that is no outage."""


def platform(stack: Monitored) -> Group:
    """Alerts about the monitoring itself."""
    return Group("platform", (_watchdog(), *_missing(stack)))


def _watchdog() -> Alert:
    return Alert(
        "Watchdog",
        "vector(1)",
        "none",
        None,
        "Alerts are evaluated and delivered",
        "Always firing. Connect it to something that calls when it stops.",
    )


def _missing(stack: Monitored) -> Iterator[Alert]:
    state = flux_state(stack.observability, stack.gitops)
    needed = [
        (m.FLUX, m.FLUX_DURATION_COUNT, GITOPS),
        (f"{m.FLUX}-state", state.metric, GITOPS),
        (m.ISTIO, m.CERTIFICATE_LEFT, MESH),
        (f"{m.ISTIO}-control-plane", m.PUSHES, MESH),
    ]
    if stack.chaos.recurring:
        needed.append((m.CHAOS_MESH, m.SCHEDULES, CHAOS))
    for source, metric, board in needed:
        yield Alert(
            "TelemetryMissing",
            f"absent_over_time({metric}[{ABSENT}])",
            "warning",
            board,
            "Metrics that rules and boards need are missing",
            f"{metric} of {source} has not been seen for {ABSENT}. Until it is, whatever needs it "
            "says nothing, which looks like good news.",
            hold="5m",
            labels={"source": source},
        )
