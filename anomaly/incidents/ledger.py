"""What a run knows of the alerts of those before it, and what who was told of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from anomaly.incidents.alert import URGENCY, Alert, Severity, State, rank
from anomaly.incidents.fdr import Memory
from anomaly.labels import Identity, identity

KEEP_SECONDS = 7 * 24 * 3600
"""An incident that no run has reported for so long is forgotten."""

MOST = 2_000
"""Incidents that are over and remembered for each sink; the newest. Of those that go on, all are:
who forgets one tells it again."""

MOST_TITLE = 120


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
        """What a sink does not know yet."""
        known = self.sinks.get(sink, {})
        found: dict[str, list[Alert]] = {}
        for alert in alerts:
            kind = _kind(alert, known.get(alert.key), least)
            if kind:
                found.setdefault(kind, []).append(alert)
        return News(**{kind: tuple(sorted(several, key=rank)) for kind, several in found.items()})

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
        """The same without what need not be remembered any more; what a run reports has to be."""
        reported = {alert.key for alert in alerts}
        return Told({sink: _newest(known, reported, now) for sink, known in self.sinks.items()})

    def of(self, sink: str, other: "Told") -> "Told":
        """The same, with what another says that one sink was told."""
        known = other.sinks.get(sink)
        return self if known is None else Told({**self.sinks, sink: known})

    def _with(self, sink: str, tellings: Mapping[str, Telling]) -> "Told":
        return Told({**self.sinks, sink: {**self.sinks.get(sink, {}), **tellings}})


def _kind(alert: Alert, known: Telling | None, least: Severity) -> str | None:
    """Under which of the news an alert falls, if any."""
    matters = URGENCY[alert.severity] <= URGENCY[least]
    if alert.state == "resolved":
        if known is None:
            return "missed" if matters else None
        return "resolved" if known.state == "firing" else None
    if known is None or known.state == "resolved":
        return "opened" if matters else None
    worse = URGENCY[alert.severity] < URGENCY[known.severity]
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


Whose = tuple[Identity, bool]
"""Of which series an alert is, and whether it says that the series is gone."""


@dataclass(frozen=True)
class Ledger:
    """All of it."""

    alerts: Mapping[str, Alert] = field(default_factory=dict)
    """By key: incidents that go on, and those that were over lately."""

    over: Mapping[str, float] = field(default_factory=dict)
    """Key of those that were over, and the tick of the run that saw it, epoch seconds."""

    until: Mapping[str, float] = field(default_factory=dict)
    """Signal and the newest tick that was judged, epoch seconds."""

    incomplete: Mapping[str, float] = field(default_factory=dict)
    """Signal and the tick from which on its answers are not whole, epoch seconds."""

    memory: Memory | None = None
    told: Told = field(default_factory=Told)
    last_success: float | None = None
    """Epoch seconds of the last run that went well."""

    remembers: bool = True
    """Whether there was a run before. If not, what began before this run was told by one that left
    nothing behind."""

    def seen(self, alerts: Iterable[Alert], tick: float) -> "Ledger":
        """With what the alerts are at a tick. Urgency only rises: what was critical was told so."""
        known, over = dict(self.alerts), dict(self.over)
        for alert in alerts:
            before = known.get(alert.key, alert)
            urgent: Severity = min(
                alert.severity, before.severity, key=lambda severity: URGENCY[severity]
            )
            known[alert.key] = replace(alert, severity=urgent)
            if alert.state == "resolved":
                over.setdefault(alert.key, tick)
        return replace(self, alerts=known, over=over)

    def by(self, moment: float) -> "Ledger":
        """Without what was found out at ticks that had not come yet, by a clock that was ahead."""
        return replace(
            self,
            until={name: at for name, at in self.until.items() if at <= moment},
            incomplete={name: at for name, at in self.incomplete.items() if at <= moment},
            memory=self.memory if self.memory and self.memory.at <= moment else None,
            last_success=min(self.last_success, moment) if self.last_success else None,
        )

    def open_of(self, signal: str) -> tuple[Alert, ...]:
        """What of a signal goes on, as far as was known."""
        return tuple(
            alert
            for alert in self.alerts.values()
            if alert.signal == signal and alert.state == "firing"
        )

    def since(self, tick: float) -> "Ledger":
        """Without what was seen to be over before a tick."""
        gone = {key for key, seen in self.over.items() if seen < tick}
        return replace(
            self,
            alerts={key: alert for key, alert in self.alerts.items() if key not in gone},
            over={key: seen for key, seen in self.over.items() if key not in gone},
        )


def whose(alert: Alert) -> Whose:
    """Of which series an alert is, and whether it says that the series is gone."""
    return identity(alert.labels), alert.direction == "absent"
