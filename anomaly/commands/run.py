"""`run`: what the CronJob does."""

import logging
import os

from anomaly.commands import arguments
from anomaly.commands.arguments import Commands, Options
from anomaly.commands.look import look
from anomaly.errors import SettingsError
from anomaly.exit_codes import OK
from anomaly.settings import load

_EXAMPLES = """\
  python -m anomaly run --config anomaly.json
  PROMETHEUS_URL=http://localhost:9090 python -m anomaly run --config anomaly.json -o table"""

log = logging.getLogger("anomaly")


def add(commands: Commands) -> None:
    """Register the command."""
    parser = arguments.command(
        commands, "run", run, text="look at all signals since the last run", examples=_EXAMPLES
    )
    arguments.add_config(parser)
    arguments.add_output(parser, "json")


def run(options: Options) -> int:
    """Look at all signals, tell whoever is to be told, print what was found."""
    settings = load(options.config, os.environ)
    if not settings.enabled:
        log.info("ANOMALY_DETECTION_ENABLED is false; nothing to do")
        return OK
    if not settings.signals:
        raise SettingsError("no signals are configured; give a file with --config")
    return look(settings, settings.signals, settings.interval_minutes, options.output, OK)
