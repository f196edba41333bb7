"""From an incident to an alert: who, what, since when, how bad, and why it was flagged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from anomaly.config.alerting import Alerting
from anomaly.config.signals import Kind, WatchedSignal
from anomaly.incidents.alert import Alert, Severity, key
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
