"""What has been told to whom, so that it is told once.

A small value that the caller keeps from one run to the next. Where it is lost, what goes on is told
once more; nothing else happens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from anomaly.incidents.alert import Alert, Severity, State

KEEP_SECONDS = 7 * 24 * 3600
"""An incident that no run has reported for so long is forgotten."""

MOST = 2_000
"""Incidents that are over and remembered for each sink; the newest. Of those that go on, all are:
who forgets one tells it again."""

MOST_TITLE = 120

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the least severe on."""


@dataclass(frozen=True)
class Telling:
    """What a sink was last told of an incident."""

    state: State
    severity: Severity
    title: str
    """Signal and service, for people."""

    at: float
    """Epoch seconds of the run that last reported the incident."""

    owed: bool = False
    """Whether the incident is over and the sink could not be told. Runs report a recovery once."""

    @classmethod
    def of(cls, alert: Alert, now: float) -> "Telling":
        """What a sink knows once it was told of an alert."""
        title = f"{alert.signal} of {alert.service}"[:MOST_TITLE]
        return cls(alert.state, alert.severity, title, now)


@dataclass(frozen=True)
class News:
    """What a sink does not know yet; each list the worst first."""

    opened: tuple[Alert, ...] = ()
    """Incidents that go on and were not told."""

    worsened: tuple[Alert, ...] = ()
    """Incidents that were told as less severe than they are by now."""

    resolved: tuple[Alert, ...] = ()
    """Incidents that were told and are over."""

    missed: tuple[Alert, ...] = ()
    """Incidents that came and went between two runs."""

    def __bool__(self) -> bool:
        return bool(self.opened or self.worsened or self.resolved or self.missed)


@dataclass(frozen=True)
class Told:
    """What each sink was told."""

    sinks: Mapping[str, Mapping[str, Telling]] = field(default_factory=dict)
    """By name of the sink and key of the incident."""

    def news(self, sink: str, alerts: Iterable[Alert], least: Severity) -> News:
        """What a sink does not know yet.

        Args:
            sink: its name.
            alerts: what a run reports.
            least: severity from which on incidents are told to it.
        """
        known = self.sinks.get(sink, {})
        found: dict[str, list[Alert]] = {}
        for alert in alerts:
            kind = _kind(alert, known.get(alert.key), least)
            if kind:
                found.setdefault(kind, []).append(alert)
        return News(**{kind: worst_first(several) for kind, several in found.items()})

    def owed(self, sink: str) -> Mapping[str, Telling]:
        """Incidents, by key, that are over without the sink knowing."""
        known = self.sinks.get(sink, {})
        return {key: one for key, one in known.items() if one.owed}

    def after(self, sink: str, alerts: Iterable[Alert], now: float) -> "Told":
        """The same once a sink was told of alerts."""
        return self._with(sink, {alert.key: Telling.of(alert, now) for alert in alerts})

    def settled(self, sink: str, keys: Iterable[str]) -> "Told":
        """The same once a sink was told of incidents that were owed."""
        known = self.sinks.get(sink, {})
        over = {key: replace(known[key], state="resolved", owed=False) for key in keys}
        return self._with(sink, over)

    def owing(self, sink: str, alerts: Iterable[Alert]) -> "Told":
        """The same, with those of the alerts owed that are over and that the sink thinks go on."""
        known = self.sinks.get(sink, {})
        over = {alert.key for alert in alerts if alert.state == "resolved"}
        return self._with(
            sink,
            {
                key: replace(one, owed=True)
                for key, one in known.items()
                if key in over and one.state == "firing"
            },
        )

    def remembered(self, alerts: Iterable[Alert], now: float) -> "Told":
        """The same without what need not be remembered any more.

        Args:
            alerts: what this run reports, told or not; their incidents stay.
            now: epoch seconds.
        """
        reported = {alert.key for alert in alerts}
        return Told({sink: _newest(known, reported, now) for sink, known in self.sinks.items()})

    def of(self, sink: str, other: "Told") -> "Told":
        """The same, with what another says that one sink was told."""
        known = other.sinks.get(sink)
        return self if known is None else Told({**self.sinks, sink: known})

    def _with(self, sink: str, tellings: Mapping[str, Telling]) -> "Told":
        return Told({**self.sinks, sink: {**self.sinks.get(sink, {}), **tellings}})


def worst_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Alerts by severity, then by score, then by key so that the order never changes."""
    return tuple(
        sorted(
            alerts,
            key=lambda alert: (-SEVERITIES.index(alert.severity), -alert.score, alert.key),
        )
    )


def _kind(alert: Alert, known: Telling | None, least: Severity) -> str | None:
    """Under which of the news an alert falls, if any."""
    matters = SEVERITIES.index(alert.severity) >= SEVERITIES.index(least)
    if alert.state == "resolved":
        if known is None:
            return "missed" if matters else None
        return "resolved" if known.state == "firing" else None
    if known is None or known.state == "resolved":
        return "opened" if matters else None
    worse = SEVERITIES.index(alert.severity) > SEVERITIES.index(known.severity)
    return "worsened" if worse else None


def _newest(known: Mapping[str, Telling], reported: set[str], now: float) -> dict[str, Telling]:
    """What is to be remembered: all that goes on, and of what is over the newest."""
    current = {key: replace(one, at=now) if key in reported else one for key, one in known.items()}
    young = {key: one for key, one in current.items() if now - one.at < KEEP_SECONDS}
    needed = {
        key: one
        for key, one in young.items()
        if key in reported or one.state == "firing" or one.owed
    }
    over = sorted(young.keys() - needed.keys(), key=lambda key: -young[key].at)
    return needed | {key: young[key] for key in over[:MOST]}
