"""The command line: `run` is what the CronJob does, `check` looks at one metric.

Data goes to stdout, progress and warnings to stderr. Exit codes: 0 well, 1 failed, 2 wrong usage or
configuration, 3 (check only) anomalies found. A run that finds anomalies has done its work and
exits with 0; a failed Job must mean that the detector failed.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from anomaly.errors import PrometheusError, SettingsError
from anomaly.monitoring import Finding, monitor_metric_for_anomalies
from anomaly.reading.prometheus import Prometheus
from anomaly.report import as_json, as_table
from anomaly.settings import Settings, load
from anomaly.signals import WatchedSignal

OK, FAILED, USAGE, ANOMALIES = 0, 1, 2, 3
log = logging.getLogger("anomaly")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s", force=True
    )
    options = _parser().parse_args(arguments)
    try:
        settings = load(options.config, os.environ)
        if options.command == "check":
            signal = _signal(options.metric, settings)
            return _look(settings, (signal,), options.minutes, options.output, ANOMALIES)
        if not settings.enabled:
            log.info("ANOMALY_DETECTION_ENABLED is false; nothing to do")
            return OK
        if not settings.signals:
            raise SettingsError("no signals are configured; give a file with --config")  # noqa: TRY301
        return _look(settings, settings.signals, settings.interval_minutes, options.output, OK)
    except SettingsError as error:
        log.error("%s", error)  # noqa: TRY400 - one line, never a traceback
        return USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anomaly", description="Finds anomalies in metrics.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="look at all signals since the last run")
    check = commands.add_parser("check", help="look at one metric")
    check.add_argument("metric", help="name of a configured signal, or PromQL")
    check.add_argument("--minutes", type=_minutes, default=60.0, help="how far back (default 60)")
    for command, output in ((run, "json"), (check, "table")):
        command.add_argument("--config", type=Path, help="configuration file, JSON")
        command.add_argument("-o", "--output", choices=("table", "json"), default=output)
    return parser


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a span of time; use more than 0 minutes")
    return minutes


def _signal(metric: str, settings: Settings) -> WatchedSignal:
    """The configured signal of that name, or the metric itself as a query."""
    configured = {signal.name: signal for signal in settings.signals}
    return configured.get(metric) or WatchedSignal(name="metric", query=metric)


def _look(
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
