"""What a run did: what was read, judged, found and told, and what went wrong. Pure."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from anomaly.documents import document
from anomaly.incidents.alert import Alert, Group
from anomaly.incidents.cause import get_anomaly_recommendations
from anomaly.pipeline.judge import Progress
from anomaly.times import utc


@dataclass(frozen=True)
class SignalReport:
    """What became of one signal."""

    name: str
    outcome: Progress

    series: int = 0
    """Series that are looked at and not forgotten."""

    scored: int = 0
    """Those of them that were judged at the newest tick."""

    warming: int = 0
    """Those that have a value there but too little history."""

    absent: int = 0
    """Those that are reported as absent."""

    dropped: int = 0
    """Series that were left out because there are more than allowed."""

    ticks: int = 0
    """Steps that were judged for the first time."""

    until: float | None = None
    """Epoch seconds of the newest tick that was judged."""

    samples: int = 0
    """Samples in the answers."""

    queryable_samples: int = 0
    """Samples that the server had to look at."""

    requests: int = 0
    """Requests to the server, repeated ones too."""

    rebuilt: str | None = None
    """Why what was remembered could not be used; None if it was, or if there was nothing."""

    error: str | None = None
    """What went wrong."""


@dataclass(frozen=True)
class RunReport:
    """What became of a run."""

    environment: str
    shard: str

    at: float
    """Epoch seconds of the moment that the run was about."""

    signals: tuple[SignalReport, ...] = ()

    alerts: tuple[Alert, ...] = ()
    """What goes on and what was over lately, the most urgent first."""

    groups: tuple[Group, ...] = ()
    """The same by service and time."""

    held_back: int = 0
    """Incidents that go on and are not told yet: small, new and no rarer than chance would have."""

    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    """How long it took to `read`, `score`, `write`, `remember` and `tell`."""

    messages: Mapping[str, int] = field(default_factory=dict)
    """Messages that arrived, by sink."""

    samples_written: int = 0
    """Samples that went back to Prometheus."""

    warnings: tuple[str, ...] = ()
    """What makes the run less than complete."""

    errors: Mapping[str, str] = field(default_factory=dict)
    """What went wrong, by signal, sink or `state`."""

    @property
    def succeeded(self) -> bool:
        """Whether nothing went wrong."""
        return not self.errors

    @property
    def exit_code(self) -> int:
        """0, also when anomalies were found; 1 when something went wrong."""
        return 0 if self.succeeded else 1

    def to_json(self) -> str:
        """One line, for log collectors."""
        fields = {
            "environment": self.environment,
            "shard": self.shard,
            "at": utc(self.at),
            "succeeded": self.succeeded,
            "signals": [
                {**asdict(signal), "until": None if signal.until is None else utc(signal.until)}
                for signal in self.signals
            ],
            "alerts": [plain(alert) for alert in self.alerts],
            "groups": [
                {
                    "service": group.service,
                    "severity": group.severity,
                    "since": utc(group.since),
                    "alerts": [alert.key for alert in group.alerts],
                }
                for group in self.groups
            ],
            "recommendations": get_anomaly_recommendations(self.alerts),
            "held_back": self.held_back,
            "stage_seconds": {name: round(took, 3) for name, took in self.stage_seconds.items()},
            "messages": dict(self.messages),
            "samples_written": self.samples_written,
            "warnings": list(self.warnings),
            "errors": dict(self.errors),
        }
        return document("run", **fields)


def plain(alert: Alert) -> dict[str, Any]:
    """An alert of what JSON knows: times as text, numbers beyond its range as null."""
    fields = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in asdict(alert).items()
    }
    times = {key: fields[key] for key in ("since", "last", "until")}
    return {**fields, **{key: None if at is None else utc(at) for key, at in times.items()}}
