"""The command line of delivery: arguments, help, exit codes. The work is in `commands`."""

import argparse
from collections.abc import Sequence

from rich.markup import escape

from delivery.commands import comment, drift, keys, override, preview, promote, render, verdict
from delivery.console import MESSAGES
from delivery.errors import DeliveryError

_EPILOG = """\
examples:
  python -m delivery preview --stack staging       what an up would change, with policies
  python -m delivery verdict                       what staging says of the release it runs
  python -m delivery promote --dry-run             whether production would take it
  python -m delivery drift --stack prod            what was changed by hand

exit codes: 0 ok, 1 failed, 2 wrong usage, 3 gate closed or drift found
"""
_INTERRUPTED = 130


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = argparse.ArgumentParser(
        prog="python -m delivery",
        description="Previews for pull requests, promotion to production, drift.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (preview, render, comment, keys, verdict, override, promote, drift):
        module.register(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems become one message and an exit code."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except DeliveryError as problem:
        return _fail(str(problem), problem.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted; run the same command again", _INTERRUPTED)
    return code


def _fail(message: str, code: int) -> int:
    MESSAGES.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    return code
