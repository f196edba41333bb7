"""`check`: one metric, now."""

import os

from anomaly.commands import arguments
from anomaly.commands.arguments import Commands, Options
from anomaly.commands.look import look
from anomaly.exit_codes import FOUND
from anomaly.settings import Settings, load
from anomaly.signals import WatchedSignal

_EXAMPLES = """\
  python -m anomaly check latency_p95 --config anomaly.json
  python -m anomaly check 'sum by (service) (rate(http_requests_total[5m]))' --minutes 120
  python -m anomaly check traffic -o json"""


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
    return look(settings, (signal,), options.minutes, options.output, FOUND)


def _signal(metric: str, settings: Settings) -> WatchedSignal:
    """The configured signal of that name, or the metric itself as a query."""
    configured = {signal.name: signal for signal in settings.signals}
    return configured.get(metric) or WatchedSignal(name="metric", query=metric)
