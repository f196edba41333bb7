"""Looking at signals one after the other; one that fails does not hide the others."""

import logging
import time
from collections.abc import Sequence

from anomaly.errors import PrometheusError
from anomaly.exit_codes import FAILED, OK
from anomaly.monitoring import Finding, monitor_metric_for_anomalies
from anomaly.reading.prometheus import Prometheus
from anomaly.report.alerts import as_json, as_table
from anomaly.settings import Settings
from anomaly.signals import WatchedSignal

log = logging.getLogger("anomaly")


def look(
    settings: Settings,
    signals: Sequence[WatchedSignal],
    minutes: float,
    output: str,
    found_code: int,
) -> int:
    """Look at signals one after the other; one that fails does not hide the others."""
    prometheus = Prometheus(settings.prometheus)
    now = time.time() - settings.delay_seconds
    findings: list[Finding] = []
    warnings: list[str] = []
    series = failed = 0
    for signal in signals:
        try:
            seen = monitor_metric_for_anomalies(
                prometheus,
                signal.name,
                signal.query,
                now=now,
                minutes=minutes,
                lookback_seconds=settings.lookback_seconds,
                step_seconds=settings.step_seconds,
                config=settings.detector,
            )
        except PrometheusError as error:
            log.error("%s: %s", signal.name, error)  # noqa: TRY400
            failed += 1
            continue
        findings += seen.findings
        series += seen.series
        warnings += [f"{signal.name}: {text}" for text in seen.warnings]
    for warning in warnings:
        log.warning("%s", warning)
    if output == "json":
        print(as_json(findings, series=series, warnings=warnings))  # noqa: T201
    else:
        print(as_table(findings, series=series))  # noqa: T201
    if failed:
        return FAILED
    return found_code if findings else OK
