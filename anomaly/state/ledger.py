"""What a run knows of the alerts of those before it, and what was told of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from anomaly.incidents.alert import Alert, Severity
from anomaly.incidents.fdr import Memory
from anomaly.incidents.grouping import URGENCY
from anomaly.labels import Identity, identity
from anomaly.sinks.told import Told

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
    """Of the control of false discoveries."""

    told: Told = field(default_factory=Told)
    """Who was told what."""

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
