"""What the detector says of itself: figures of a run as series `anomaly_detector_*`. Pure.

They are written once a run, so an instant query sees them for five minutes only: rules look back,
`max_over_time(anomaly_detector_last_success_timestamp_seconds[1h])`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from anomaly.run.report import RunReport
from anomaly.sinks.series import MetricBlock

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
