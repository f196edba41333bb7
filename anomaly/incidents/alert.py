"""One incident of one series, as every sink tells it: its name that stays, and its company.

Alerts of one service at one time belong together, the most telling first.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from anomaly.config.signals import Kind
from anomaly.labels import identity
from anomaly.texts import Epoch

T = TypeVar("T")

State = Literal["firing", "resolved"]
Severity = Literal["info", "warning", "critical"]
Direction = Literal["above", "below", "absent"]


@dataclass(frozen=True)
class Alert:
    """What happened, to which series, from its first to its last anomalous point, and what to do.

    Value, edges, score, direction and views are those of the worst point.
    """

    key: str
    """Stable name of the incident: equal in every run that sees it, so that sinks tell it once."""

    signal: str
    labels: Mapping[str, str]
    """Labels of the series; they never hold a score or a value."""

    service: str
    """What alerts are grouped by; `namespace/name`, or the labels where there is no service."""

    state: State
    severity: Severity
    """How urgent: `info` for context, `warning` for a look today, `critical` for now."""

    since: Epoch
    last: Epoch
    until: Epoch | None
    """The recovery; None while it goes on."""

    points: int
    """Anomalous points so far."""

    value: float
    expected: float
    lower: float
    upper: float
    score: float
    """Score of the worst point; 1 is the threshold."""

    direction: Direction
    views: tuple[str, ...]
    """Views of the detector that spoke, strongest first."""

    before: int
    """Incidents of this series earlier in the history that was read."""

    summary: str
    """One sentence for people."""

    advice: tuple[str, ...]
    """What to look at, most useful first."""

    kind: Kind = "other"
    cause: str = ""
    """The likely class of cause, going by all signals of the service at that time: `load`,
    `saturation`, `dependency`, `outage`, ...; empty where nothing points to one."""


LENGTH = 32
"""Hexadecimal digits: 128 bits, far below the 255 characters that sinks take."""


def key(environment: str, signal: str, labels: Mapping[str, str], since: float) -> str:
    """The dedup key of an incident.

    Args:
        environment: tells the stacks apart that share a sink.
        signal: name of the signal.
        labels: labels of the series; those of a pod take no part, so that pods that fail together
            are one incident and a restart makes no new one.
        since: epoch seconds at which the incident began; neither the history that a run reads nor
            what comes later changes it.
    """
    identifying = [environment, signal, identity(labels), round(since)]
    text = json.dumps(identifying, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


URGENCY: dict[Severity, int] = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Group:
    """Alerts of one service that are close in time."""

    service: str
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
    for alert in alerts:
        by_service.setdefault(alert.service, []).append(alert)
    groups = [
        Group(service, tuple(sorted(run, key=rank)))
        for service, own in by_service.items()
        for run in runs(own, gap_seconds, lambda alert: alert.since, _end)
    ]
    return tuple(sorted(groups, key=lambda group: (rank(group.alerts[0]), group.service)))


def _end(alert: Alert) -> float:
    return float("inf") if alert.until is None else alert.until


def runs(
    several: Iterable[T], gap: float, begin: Callable[[T], float], end: Callable[[T], float]
) -> Iterator[list[T]]:
    """Things in the order of their beginning, cut where nothing went on for longer than a gap."""
    run: list[T] = []
    reach = -float("inf")
    for each in sorted(several, key=begin):
        if run and begin(each) > reach + gap:
            yield run
            run = []
        run.append(each)
        reach = max(reach, end(each))
    if run:
        yield run
