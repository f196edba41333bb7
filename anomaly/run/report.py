"""What a run did and found: as a document, as a table, and as the detector's own series."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from anomaly.incidents.alert import Alert, Group
from anomaly.incidents.describe import get_anomaly_recommendations
from anomaly.labels import selector
from anomaly.pipeline.judge import Progress
from anomaly.sinks.series import MetricBlock
from anomaly.texts import amount, bounds, document, share, table, utc


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


PREFIX = "anomaly_detector_"
BEGUN = f"{PREFIX}begun_timestamp_seconds"
"""Written before anybody is told, by a run that has no other memory than its series."""

TOLD_UP_TO = "told_timestamp_seconds"
SINK_LABEL, SIGNAL_LABEL = "sink", "for"
SERIES_STATES = ("read", "scored", "failed", "dropped", "warming")


@dataclass(frozen=True)
class RunFigures:
    """What a run did."""

    at: float
    """Epoch seconds of its end."""

    version: str
    """Version of the detector."""

    succeeded: bool
    """Whether all went well."""

    last_success: float | None = None
    """Epoch seconds of the end of the last run that went well, this one included; None while there
    was none."""

    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each stage took: `read`, `score`, `write`, `tell`."""

    series: Mapping[str, int] = field(default_factory=dict)
    """Series by what became of them: `read`, `scored`, `failed` (their signal could not be read or
    judged), `dropped` (more than allowed), `warming` (too little history); others are 0."""

    samples_read: int = 0
    """Samples in the answers."""

    samples_queryable: int = 0
    """Samples that Prometheus had to look at for them."""

    samples_written: int = 0
    """Samples that went back."""

    query_requests: int = 0
    """Requests to Prometheus, repeated ones too."""

    degraded_signals: int = 0
    """Signals whose answer was not complete."""

    failed_signals: int = 0
    """Signals that could not be read or judged."""

    sink_errors: Mapping[str, int] = field(default_factory=dict)
    """Errors by sink."""

    sink_messages: Mapping[str, int] = field(default_factory=dict)
    """Messages that arrived, by sink."""

    alerts: Mapping[str, int] = field(default_factory=dict)
    """Alerts that go on, by severity."""

    told_up_to: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """By sink and signal, epoch seconds of the tick up to which the sink has been told everything;
    of `remote_write`, up to which scores are written. A run that remembers nothing goes by them."""


def begun(at: float, labels: Mapping[str, str]) -> tuple[MetricBlock, ...]:
    """The series of a run that begins to tell."""
    return (MetricBlock(BEGUN, (labels,), np.array([at]), np.array([[at]])),)


def run_series(run: RunFigures, labels: Mapping[str, str]) -> tuple[MetricBlock, ...]:
    """The series of a run.

    Args:
        run: its figures.
        labels: what tells this detector from others, such as environment and shard. Shards that
            share all of them would write into the same series.
    """
    single = {
        "last_run_timestamp_seconds": run.at,
        "last_run_success": run.succeeded,
        "samples_read": run.samples_read,
        "samples_queryable": run.samples_queryable,
        "samples_written": run.samples_written,
        "query_requests": run.query_requests,
        "degraded_signals": run.degraded_signals,
        "failed_signals": run.failed_signals,
    }
    if run.last_success is not None:
        single["last_success_timestamp_seconds"] = run.last_success
    by_label: Mapping[str, tuple[str, Mapping[str, float]]] = {
        "duration_seconds": ("stage", run.stage_seconds),
        "series_total": ("state", dict.fromkeys(SERIES_STATES, 0) | dict(run.series)),
        "sink_errors": (SINK_LABEL, run.sink_errors),
        "sink_messages": (SINK_LABEL, run.sink_messages),
        "alerts_open": ("severity", run.alerts),
        "build_info": ("version", {run.version: 1}),
    }

    def block(name: str, rows: Sequence[tuple[Mapping[str, str], float]]) -> MetricBlock:
        column = np.array([[value] for _, value in rows], dtype=np.float64)
        named = tuple({**labels, **own} for own, _ in rows)
        return MetricBlock(f"{PREFIX}{name}", named, np.array([run.at]), column)

    told = [
        ({SINK_LABEL: sink, SIGNAL_LABEL: signal}, tick)
        for (sink, signal), tick in run.told_up_to.items()
    ]
    return (
        *((block(TOLD_UP_TO, told),) if told else ()),
        *(block(name, [({}, value)]) for name, value in single.items()),
        *(
            block(name, [({label: each}, value) for each, value in values.items()])
            for name, (label, values) in by_label.items()
            if values
        ),
    )


REMOTE_WRITE = "remote_write"
"""What an error in writing scores goes under."""

VERSION = "1"
"""Of the detector."""


def figures(
    report: RunReport,
    last_success: float | None,
    told_up_to: Mapping[tuple[str, str], float],
) -> RunFigures:
    """The figures of a run.

    They carry the moment that the run was about, not its end: a run that remembers nothing finds
    in them up to where the one before it has judged.

    Args:
        report: of the run.
        last_success: epoch seconds of the last run that went well, this one included.
        told_up_to: by sink and signal, up to which tick the sink has been told.
    """
    signals = report.signals
    heard = {*report.messages, REMOTE_WRITE}
    failed = [signal for signal in signals if signal.outcome == "failed"]
    return RunFigures(
        at=report.at,
        version=VERSION,
        succeeded=report.succeeded,
        last_success=last_success,
        stage_seconds=report.stage_seconds,
        series={
            "read": sum(signal.series for signal in signals),
            "scored": sum(signal.scored for signal in signals),
            "warming": sum(signal.warming for signal in signals),
            "dropped": sum(signal.dropped for signal in signals),
            "failed": sum(signal.series for signal in failed),
        },
        samples_read=sum(signal.samples for signal in signals),
        samples_queryable=sum(signal.queryable_samples for signal in signals),
        samples_written=report.samples_written,
        query_requests=sum(signal.requests for signal in signals),
        degraded_signals=sum(signal.outcome == "degraded" for signal in signals),
        failed_signals=len(failed),
        sink_errors={sink: int(sink in report.errors) for sink in sorted(heard)},
        sink_messages=report.messages,
        alerts=Counter(alert.severity for alert in report.alerts if alert.state == "firing"),
        told_up_to=told_up_to,
    )


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
        alerts=[plain(alert) for alert in alerts],
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
