"""The command line: arguments, errors, exit codes. The work is in `commands` and behind them.

Data goes to stdout, progress and warnings to stderr. A run that finds anomalies has done its work
and exits with 0: a failed Job must mean that the detector failed.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from anomaly.cli.arguments import Commands
from anomaly.errors import (
    FAILED,
    INTERRUPTED,
    USAGE,
    AnomalyError,
    DataError,
    SettingsError,
    UsageError,
)

HERE = ("run", "check")
"""Commands that the pod has."""

ELSEWHERE = ("explain", "backtest", "grade")
"""Commands for people's machines: what they need is not in the zipapp."""

log = logging.getLogger("anomaly")

_EPILOG = """\
exit codes:
  0  well; for run also when anomalies were found and reported
  1  failed: Prometheus, a sink or a file did not do its part
  2  wrong usage, configuration or input file
  3  check found anomalies; grade or backtest missed a requirement
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="python -m anomaly",
        description="Finds anomalies in metrics, and says how well.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in (*HERE, *ELSEWHERE):
        _register(name)(commands)
    return root


def _register(name: str) -> Callable[..., None]:
    try:
        register: Callable[..., None] = import_module(f"anomaly.cli.{name}").add
    except ModuleNotFoundError as missing:
        if name in HERE or not str(missing.name).startswith("anomaly."):
            raise
        return lambda commands: _add_absent(commands, name)
    return register


def _add_absent(commands: Commands, name: str) -> None:
    """A command that is not in the zipapp says where it is."""

    def run(_: argparse.Namespace) -> int:
        raise UsageError(f"{name} is not in the pod; run `python -m anomaly {name}` in a checkout")

    parser = commands.add_parser(name, add_help=False, prefix_chars="\0")
    parser.add_argument("whatever", nargs="*")
    parser.set_defaults(run=run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems become one message and an exit code."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s", force=True
    )
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except (SettingsError, UsageError, DataError) as error:
        log.error("%s", error)  # noqa: TRY400 - one line, never a traceback
        return USAGE
    except AnomalyError as error:
        log.error("%s", error)  # noqa: TRY400
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough of it; Python must not try to write the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code
