"""A run's report as the detector's own series tell it. Pure."""

from collections import Counter
from collections.abc import Mapping

from anomaly.results.selfmonitoring import RunFigures
from anomaly.run_report import RunReport

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
