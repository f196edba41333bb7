"""`run`: what the CronJob does."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from anomaly.cli import arguments
from anomaly.cli.arguments import Commands, Options
from anomaly.errors import OK, AnomalyError, SettingsError
from anomaly.run import run_once
from anomaly.run.report import as_table
from anomaly.settings import Settings, load

log = logging.getLogger("anomaly")


def repeat(action: Callable[[], object], *, every_seconds: float) -> None:
    """Act now, and then whenever the clock shows a multiple of the span, until TERM arrives.

    What goes wrong is logged: the next time may go better. An action under way is finished first.
    """
    asked = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: asked.set())
    try:
        while not asked.is_set():
            try:
                action()
            except AnomalyError as error:
                log.error("%s", error)  # noqa: TRY400 - one line, never a traceback
            asked.wait(every_seconds - time.time() % every_seconds)
    finally:
        signal.signal(signal.SIGTERM, before)


_EXAMPLES = """\
  python -m anomaly run --config anomaly.json
  python -m anomaly run --config anomaly.json --every 10m
  PROMETHEUS_URL=http://localhost:9090 python -m anomaly run --config anomaly.json -o table"""


def add(commands: Commands) -> None:
    """Register the command."""
    parser = arguments.command(
        commands, "run", run, text="look at all signals since the last run", examples=_EXAMPLES
    )
    arguments.add_config(parser)
    arguments.add_output(parser, "json")
    parser.add_argument(
        "--every",
        type=arguments.pause,
        metavar="SPAN",
        help="again and again, until the process is asked to end (default: once)",
    )


def run(options: Options) -> int:
    """Look at all signals, tell whoever is to be told, print what was found."""
    settings = load(options.config, os.environ)
    if not settings.enabled:
        log.info("ANOMALY_DETECTION_ENABLED is false; nothing to do")
        return OK
    if not settings.signals:
        raise SettingsError("no signals are configured; give a file with --config")
    if options.every:
        repeat(lambda: _once(settings, options.output), every_seconds=options.every)
        return OK
    return _once(settings, options.output)


def _once(settings: Settings, output: str) -> int:
    report = run_once(settings, now=time.time())
    for warning in report.warnings:
        log.warning("%s", warning)
    for name, error in report.errors.items():
        log.error("%s: %s", name, error)
    series = sum(signal.series for signal in report.signals)
    found = as_table(report.alerts, series=series) if output == "table" else report.to_json()
    print(found, flush=True)  # noqa: T201
    return report.exit_code
