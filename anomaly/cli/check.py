"""`check`: one metric, now."""

import difflib
import logging
import os
import time

from anomaly.cli import arguments
from anomaly.cli.arguments import Commands, Options
from anomaly.config.signals import UNNAMED, WatchedSignal
from anomaly.errors import FOUND, OK, DataError
from anomaly.pipeline.look import look
from anomaly.prometheus.client import Prometheus
from anomaly.run.report import as_json, as_table
from anomaly.settings import Settings, load

_EXAMPLES = """\
  python -m anomaly check latency_p95 --config anomaly.json
  python -m anomaly check 'sum by (service) (rate(http_requests_total[5m]))' --minutes 120
  python -m anomaly check traffic --config anomaly.json -o json"""

log = logging.getLogger("anomaly")


def add(commands: Commands) -> None:
    """Register the command."""
    parser = arguments.command(
        commands, "check", run, text="look at one metric", examples=_EXAMPLES
    )
    parser.add_argument("metric", metavar="METRIC", help="a configured signal, or PromQL")
    parser.add_argument(
        "--minutes", type=arguments.minutes, default=60.0, help="how far back (default: 60)"
    )
    arguments.add_config(parser)
    arguments.add_output(parser, "table")


def run(options: Options) -> int:
    """Look at it, print what was found."""
    settings = load(options.config, os.environ)
    signal = _signal(options.metric, settings)
    seen = look(
        Prometheus(settings.prometheus),
        signal,
        settings,
        now=time.time() - settings.delay_seconds,
        minutes=options.minutes,
    )
    if not seen.series:
        raise DataError(_nothing(options.metric, settings))
    for warning in seen.warnings:
        log.warning("%s", warning)
    if options.output == "json":
        print(as_json(seen.alerts, series=seen.series, warnings=seen.warnings))  # noqa: T201
    else:
        print(as_table(seen.alerts, series=seen.series))  # noqa: T201
    return FOUND if seen.alerts else OK


def _signal(metric: str, settings: Settings) -> WatchedSignal:
    """The configured signal of that name, or the metric itself as a query."""
    configured = {signal.name: signal for signal in settings.signals}
    return configured.get(metric) or WatchedSignal(name=UNNAMED, query=metric)


def _nothing(metric: str, settings: Settings) -> str:
    """What to say of a metric that has no series: most often, it is misspelt."""
    known = [signal.name for signal in settings.signals]
    close = difflib.get_close_matches(metric, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    configured = f" Configured signals are {', '.join(known)}." if known and not close else ""
    return f"{metric} has no series in Prometheus{hint}{configured}"
