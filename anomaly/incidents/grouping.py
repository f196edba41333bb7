"""What belongs together: alerts of one service at one time, the most telling first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anomaly.incidents.alert import Alert, Severity

URGENCY: dict[Severity, int] = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Group:
    """Alerts of one service that are close in time."""

    service: str
    """Whose they are."""

    alerts: tuple[Alert, ...]
    """The most telling first; never empty."""

    @property
    def severity(self) -> Severity:
        """That of the most urgent alert."""
        return self.alerts[0].severity

    @property
    def since(self) -> float:
        """Epoch seconds at which the first of them began."""
        return min(alert.since for alert in self.alerts)


def rank(alert: Alert) -> tuple[int, float, str, str]:
    """What is told first: the urgent before the strong; the rest only so that order is certain."""
    return URGENCY[alert.severity], -alert.score, alert.signal, alert.key


def grouped(alerts: Iterable[Alert], gap_seconds: float) -> tuple[Group, ...]:
    """Alerts by service and time; groups in the order of their first alerts.

    Args:
        alerts: in any order.
        gap_seconds: alerts of a service are one group unless more time than this lies between the
            end of all earlier ones and the beginning of the next.
    """
    by_service: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda alert: alert.since):
        by_service.setdefault(alert.service, []).append(alert)
    groups = [
        Group(service, tuple(sorted(run, key=rank)))
        for service, own in by_service.items()
        for run in _runs(own, gap_seconds)
    ]
    return tuple(sorted(groups, key=lambda group: (rank(group.alerts[0]), group.service)))


def _runs(alerts: Sequence[Alert], gap_seconds: float) -> Iterable[list[Alert]]:
    """Alerts in order of their beginning, cut where nothing went on for longer than the gap."""
    run: list[Alert] = []
    reach = -float("inf")
    for alert in alerts:
        if run and alert.since > reach + gap_seconds:
            yield run
            run = []
        run.append(alert)
        reach = max(reach, float("inf") if alert.until is None else alert.until)
    if run:
        yield run
