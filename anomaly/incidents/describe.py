"""From an incident to an alert: who, what, since when, how bad, why it was flagged, what to do.

One signal says little about why. Which signals of a service move together, and to which side, says
more: latency that rises with traffic is load, latency that rises alone is something behind it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from anomaly.config.alerting import Alerting
from anomaly.config.signals import Kind, WatchedSignal
from anomaly.incidents.alert import Alert, Direction, Severity, grouped, key, rank
from anomaly.incidents.track import Incident
from anomaly.labels import service

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"))
SPANS = ((86_400, "d"), (3600, "h"), (60, "min"))
SHARE = "of "
"""How the unit of a share begins: `of requests`."""


def quantity(value: float, unit: str) -> str:
    """A value with its unit: `412 milliseconds`, `5.3 % of requests`, `1.2 G bytes`."""
    if math.isnan(value):
        return "no value"
    if unit.startswith(SHARE):
        return f"{value * 100:.3g} % {unit}"
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """Four digits at most that mean something."""
    for size, prefix in PREFIXES:
        if abs(value) >= size:
            return f"{value / size:.4g} {prefix}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004 - four digits


def clock(epoch: float) -> str:
    """A moment: `2026-11-24 14:05 UTC`."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M UTC")


def span(seconds: float) -> str:
    """A span of time in its largest two units: `1 d 2 h`, `25 min`, `40 s`."""
    rest, parts = int(seconds), []
    for size, name in SPANS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or f"{rest} s"


FELT: frozenset[Kind] = frozenset({"latency", "errors", "traffic"})
"""Kinds that those feel who use a service."""


@dataclass(frozen=True)
class Teller:
    """What does not change from one alert of a signal to the next."""

    environment: str
    signal: WatchedSignal
    alerting: Alerting
    step_seconds: float

    def alert(self, labels: Mapping[str, str], incident: Incident) -> Alert:
        """The alert of an incident; what to do is added where its service's others are known."""
        peak, signal = incident.peak, self.signal
        return Alert(
            key=key(self.environment, signal.name, labels, incident.since),
            signal=signal.name,
            labels=dict(labels),
            service=service(labels, signal.service_labels),
            state="firing" if incident.until is None else "resolved",
            severity=self.severity(incident),
            since=incident.since,
            last=incident.last,
            until=incident.until,
            points=incident.points,
            value=peak.value,
            expected=peak.expected,
            lower=peak.lower,
            upper=peak.upper,
            score=peak.score,
            direction=peak.direction,
            views=peak.views,
            before=incident.before,
            summary=self.summary(labels, incident),
            advice=(),
            kind=signal.kind,
        )

    def severity(self, incident: Incident) -> Severity:
        """How urgent it is: by what users feel, how strong it is and how long it lasts."""
        felt = self.signal.kind in FELT
        lasting = incident.points >= self.alerting.persistent_points
        if incident.peak.direction == "absent":
            return "critical" if felt else "warning"
        if felt and lasting and incident.peak.score >= self.alerting.critical_score:
            return "critical"
        return "warning" if felt or lasting else "info"

    def summary(self, labels: Mapping[str, str], incident: Incident) -> str:
        """One sentence: what, whose, how far off, since when, who says so, how often before."""
        whose = service(labels, self.signal.service_labels)
        is_, over = (
            ("is", "") if incident.until is None else ("was", f" to {clock(incident.until)}")
        )
        when = (
            f"since {clock(incident.since)}" if not over else f"from {clock(incident.since)}{over}"
        )
        gone = incident.peak.direction == "absent"
        what = self._gone(labels, incident) if gone else self._off(incident)
        return f"{self.signal.name} of {whose} {is_} {what} {when}{self._evidence(incident)}"

    def _off(self, incident: Incident) -> str:
        peak, unit = incident.peak, self.signal.unit
        band = f"{quantity(peak.lower, '')} to {quantity(peak.upper, unit)}"
        expected = f"expected {quantity(peak.expected, '')}"
        if peak.lower <= peak.value <= peak.upper:
            # It is where it may be, and came there as it never does.
            return f"{quantity(peak.value, unit)}, unusual even within {band} ({expected}),"
        return (
            f"{quantity(peak.value, unit)}, {peak.direction} what is normal ({band}, {expected}),"
        )

    def _gone(self, labels: Mapping[str, str], incident: Incident) -> str:
        if not labels:
            return "absent: the query brings no series at all"
        last = quantity(incident.peak.expected, self.signal.unit)
        return f"absent while others of the signal go on (its last value: {last})"

    def _evidence(self, incident: Incident) -> str:
        points = "1 point" if incident.points == 1 else f"{incident.points} points"
        lasted = span(incident.last - incident.since + self.step_seconds)
        views = ", ".join(incident.peak.views)
        by = f" by {views}" if views else ""
        times = "once" if incident.before == 1 else f"{incident.before} times"
        before = f"; {times} before" if incident.before else ""
        return f": {points} in {lasted}, score {incident.peak.score:.2g}{by}{before}"


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
