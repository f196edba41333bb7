"""What to do about alerts: the likely class of cause, and what to look at first.

One signal says little about why. Which signals of a service move together, and to which side, says
more: latency that rises with traffic is load, latency that rises alone is something behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from anomaly.config.signals import Kind
from anomaly.incidents.alert import Alert, Direction, grouped, rank

SUSTAINED = 3
"""Anomalous points from which on an incident is a pattern and not a blip."""

GAP_SECONDS = 1800.0
"""Alerts of a service that are closer in time speak of the same thing."""

Shape = tuple[Kind, Direction]


@dataclass(frozen=True)
class Cause:
    """A class of cause, and the signals that point to it."""

    name: str
    needs: frozenset[Shape]
    """What all must be there."""

    advice: tuple[str, ...]
    """What to look at, most useful first."""


def _cause(name: str, needs: Iterable[Shape], *advice: str) -> Cause:
    return Cause(name, frozenset(needs), advice)


LATENCY: Shape = ("latency", "above")
ERRORS: Shape = ("errors", "above")
MORE: Shape = ("traffic", "above")
LESS: Shape = ("traffic", "below")
FULL: Shape = ("saturation", "above")
GONE: Shape = ("traffic", "absent")

CAUSES = (
    _cause(
        "gone",
        [GONE],
        "look whether its pods run and are ready, and whether it was scaled to zero or removed",
        "look whether Prometheus still scrapes it: targets, labels, network policies",
    ),
    _cause(
        "outage",
        [LESS, ERRORS],
        "treat it as an outage: look at readiness, the last rollout and the route to it",
        "look at the logs of the failing requests and roll the last change back",
    ),
    _cause(
        "outage",
        [LESS, LATENCY],
        "look whether callers give up: timeouts, circuit breakers, retries that ran out",
        "look at what the service waits for",
    ),
    *(
        _cause(
            "load",
            [MORE, sign],
            "find out who calls more than usual; scale out or limit the rate",
            "look whether retries of its callers make the load",
        )
        for sign in (LATENCY, ERRORS, FULL)
    ),
    *(
        _cause(
            "saturation",
            [FULL, sign],
            "look at memory, CPU limits and garbage collection of its pods; restart what leaks",
            "compare with the last rollout",
        )
        for sign in (LATENCY, ERRORS)
    ),
    _cause(
        "dependency",
        [LATENCY, ERRORS],
        "look at what the service calls: slow answers that end in timeouts",
        "look at the logs of the failing requests and roll the last change back",
    ),
    _cause(
        "errors",
        [ERRORS],
        "look at the logs of the failing requests and roll the last change back",
        "look at what the service calls",
    ),
    _cause(
        "latency",
        [LATENCY],
        "look at what the service waits for, at its saturation and at the last rollout",
    ),
    _cause(
        "demand",
        [MORE],
        "find out who calls more than usual, and whether capacity suffices",
    ),
    _cause(
        "demand",
        [LESS],
        "find out who calls less than usual, and whether the service is reachable",
    ),
    _cause(
        "leak",
        [FULL],
        "look at memory and goroutines since the last rollout; something may leak",
    ),
)
"""The more telling first; the first whose signals are all there is meant."""

UNKNOWN = Cause("", frozenset(), ("compare with the other signals of the service",))


def likely_cause(shapes: Iterable[Shape]) -> Cause:
    """The class of cause that signals and their sides point to."""
    there = set(shapes)
    return next((cause for cause in CAUSES if cause.needs <= there), UNKNOWN)


def advised(alerts: Sequence[Alert], gap_seconds: float = GAP_SECONDS) -> tuple[Alert, ...]:
    """The alerts in their order, each with the cause that it shares with its group, and advice.

    What goes on counts for the cause of what goes on; what is over, for what is over.
    """
    told: dict[str, Alert] = {}
    for group in grouped(alerts, gap_seconds):
        for alert in group.alerts:
            company = [other for other in group.alerts if other.state == alert.state]
            cause = likely_cause((other.kind, other.direction) for other in company)
            own = likely_cause([(alert.kind, alert.direction)])
            advice = tuple(dict.fromkeys((*cause.advice, *own.advice)))
            told[alert.key] = replace(alert, cause=cause.name, advice=advice)
    return tuple(told[alert.key] for alert in alerts)


def get_anomaly_recommendations(alerts: Sequence[Alert]) -> list[str]:
    """What to do about alerts, the most urgent first; one line each.

    A line says how urgent it is, what is the matter, whether it lasts, what class of cause all
    alerts of the service point to, and what to look at first.
    """
    return [_line(alert) for alert in sorted(advised(alerts), key=rank)]


def _line(alert: Alert) -> str:
    pattern = "sustained" if alert.points >= SUSTAINED else "brief so far"
    if alert.state == "resolved":
        pattern = "over"
    side = "absent" if alert.direction == "absent" else f"{alert.direction} what is normal"
    cause = f", likely {alert.cause}" if alert.cause else ""
    head = f"{alert.severity}: {alert.signal} of {alert.service} is {side} ({pattern}{cause})"
    return f"{head}; {'; '.join(alert.advice[:2])}"


KINDS_BY_NAME: Mapping[str, Kind] = {
    "latency": "latency",
    "error": "errors",
    "traffic": "traffic",
    "saturation": "saturation",
}
"""How names of signals begin whose kind nobody said."""


def kind_by_name(signal: str) -> Kind:
    """The kind that a signal's name suggests."""
    return next(
        (kind for start, kind in KINDS_BY_NAME.items() if signal.startswith(start)), "other"
    )
