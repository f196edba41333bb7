"""What a run did and found: as a document, as a table, and as the detector's own series."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from anomaly.incidents.alert import Alert, Group
from anomaly.incidents.describe import get_anomaly_recommendations
from anomaly.labels import selector
from anomaly.pipeline.judge import Progress
from anomaly.sinks.series import MetricBlock
from anomaly.texts import Epoch, amount, bounds, document, share, table, utc


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

    until: Epoch | None = None
    """The newest tick that was judged."""

    samples: int = 0
    queryable_samples: int = 0
    """Samples that the server had to look at."""

    requests: int = 0
    """Requests to the server, repeated ones too."""

    rebuilt: str | None = None
    """Why what was remembered could not be used; None if it was, or if there was nothing."""

    error: str | None = None


@dataclass(frozen=True)
class RunReport:
    """What became of a run."""

    environment: str
    shard: str

    at: Epoch
    """The moment that the run was about."""

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
        groups = [
            {
                "service": group.service,
                "severity": group.severity,
                "since": utc(group.since),
                "alerts": [alert.key for alert in group.alerts],
            }
            for group in self.groups
        ]
        return document(
            "run",
            self,
            succeeded=self.succeeded,
            groups=groups,
            recommendations=get_anomaly_recommendations(self.alerts),
            stage_seconds={name: round(took, 3) for name, took in self.stage_seconds.items()},
        )


PREFIX = "anomaly_detector_"
BEGUN = f"{PREFIX}begun_timestamp_seconds"
"""Written before anybody is told, by a run that has no other memory than its series."""

TOLD_UP_TO = "told_timestamp_seconds"
SINK_LABEL, SIGNAL_LABEL = "sink", "for"

REMOTE_WRITE = "remote_write"
"""What an error in writing scores goes under."""

VERSION = "1"
"""Of the detector."""

Rows = Sequence[tuple[Mapping[str, str], float]]
"""The series of one metric: labels and value."""


def begun(at: float, labels: Mapping[str, str]) -> tuple[MetricBlock, ...]:
    """The series of a run that begins to tell."""
    return (MetricBlock(BEGUN, (labels,), np.array([at]), np.array([[at]])),)


def run_series(
    report: RunReport,
    labels: Mapping[str, str],
    *,
    last_success: float | None = None,
    told_up_to: Mapping[tuple[str, str], float] = MappingProxyType({}),
) -> tuple[MetricBlock, ...]:
    """The detector's own series.

    They carry the moment that the run was about, not its end: a run that remembers nothing finds
    in them up to where the one before it has judged.

    Args:
        report: of the run.
        labels: what tells this detector from others, such as environment and shard. Shards that
            share all of them would write into the same series.
        last_success: epoch seconds of the last run that went well, this one included; None while
            there was none.
        told_up_to: by sink and signal, epoch seconds of the tick up to which the sink has been
            told everything; of `remote_write`, up to which scores are written.
    """
    signals = report.signals
    failed = [signal for signal in signals if signal.outcome == "failed"]
    heard = sorted({*report.messages, REMOTE_WRITE})
    open_alerts = Counter(alert.severity for alert in report.alerts if alert.state == "firing")
    series_by_state = {
        "read": sum(signal.series for signal in signals),
        "scored": sum(signal.scored for signal in signals),
        "failed": sum(signal.series for signal in failed),
        "dropped": sum(signal.dropped for signal in signals),
        "warming": sum(signal.warming for signal in signals),
    }
    figures: dict[str, Rows] = {
        TOLD_UP_TO: [
            ({SINK_LABEL: sink, SIGNAL_LABEL: signal}, tick)
            for (sink, signal), tick in told_up_to.items()
        ],
        "last_run_timestamp_seconds": _one(report.at),
        "last_run_success": _one(report.succeeded),
        "last_success_timestamp_seconds": [] if last_success is None else _one(last_success),
        "samples_read": _one(sum(signal.samples for signal in signals)),
        "samples_queryable": _one(sum(signal.queryable_samples for signal in signals)),
        "samples_written": _one(report.samples_written),
        "query_requests": _one(sum(signal.requests for signal in signals)),
        "degraded_signals": _one(sum(signal.outcome == "degraded" for signal in signals)),
        "failed_signals": _one(len(failed)),
        "duration_seconds": _by("stage", report.stage_seconds),
        "series_total": _by("state", series_by_state),
        "sink_errors": _by(SINK_LABEL, {sink: sink in report.errors for sink in heard}),
        "sink_messages": _by(SINK_LABEL, report.messages),
        "alerts_open": _by("severity", open_alerts),
        "build_info": _by("version", {VERSION: 1}),
    }
    return tuple(
        MetricBlock(
            f"{PREFIX}{name}",
            tuple({**labels, **own} for own, _ in rows),
            np.array([report.at]),
            np.array([[value] for _, value in rows], dtype=np.float64),
        )
        for name, rows in figures.items()
        if rows
    )


def _one(value: float) -> Rows:
    return [({}, value)]


def _by(label: str, values: Mapping[Any, float]) -> Rows:
    return [({label: each}, value) for each, value in values.items()]


COLUMNS = (
    "SEVERITY",
    "SERIES",
    "SINCE",
    "UNTIL",
    "POINTS",
    "VALUE",
    "EXPECTED",
    "NORMAL",
    "SCORE",
)


def as_json(alerts: Sequence[Alert], *, series: int, warnings: Sequence[str]) -> str:
    """What was looked at, what was found, what to do."""
    return document(
        "check",
        series=series,
        alerts=alerts,
        recommendations=get_anomaly_recommendations(alerts),
        warnings=warnings,
    )


def as_table(alerts: Sequence[Alert], *, series: int) -> str:
    """A table, and the advice that goes with it."""
    looked = "1 series" if series == 1 else f"{series} series"
    if not alerts:
        return f"No anomalies in {looked}."
    rows = [_row(alert) for alert in alerts]
    return "\n".join([table(COLUMNS, rows), "", *get_anomaly_recommendations(alerts)])


def _row(alert: Alert) -> tuple[str, ...]:
    return (
        alert.severity,
        selector(alert.signal, alert.labels),
        utc(alert.since),
        "goes on" if alert.until is None else utc(alert.until),
        str(alert.points),
        amount(alert.value),
        amount(alert.expected),
        bounds(alert.lower, alert.upper),
        share(alert.score),
    )
