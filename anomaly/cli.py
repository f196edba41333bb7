"""The command line: arguments, errors, exit codes. The work is in `commands` and behind them.

Data goes to stdout, progress and warnings to stderr. A run that finds anomalies has done its work
and exits with 0: a failed Job must mean that the detector failed.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from anomaly.commands import backtest, check, explain, grade, run
from anomaly.errors import AnomalyError, DataError, SettingsError, UsageError
from anomaly.exit_codes import FAILED, INTERRUPTED, USAGE

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
    for command in (run, check, explain, backtest, grade):
        command.add(commands)
    return root


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
