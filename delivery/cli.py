"""The command line of delivery: arguments, help, exit codes. The work is in `commands`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from rich.markup import escape

from delivery.console import MESSAGES
from ops.errors import OpsError

_EPILOG = """\
examples:
  python -m delivery preview --stack staging       what an up would change, with policies
  python -m delivery verdict                       what staging says of the release it runs
  python -m delivery promote --dry-run             whether production would take it
  python -m delivery drift --stack prod            what was changed by hand

exit codes: 0 ok, 1 failed, 2 wrong usage, 3 gate closed or drift found
"""
_INTERRUPTED = 130

_MODULES = {
    "preview": "preview",
    "render": "render",
    "compare": "render",
    "comment": "comment",
    "post": "comment",
    "key": "keys",
    "verdict": "verdict",
    "override": "override",
    "promote": "promote",
    "drift": "drift",
}
"""Command -> module that has it; one is imported, because some bring half of Pulumi along."""


def parser(command: str = "") -> argparse.ArgumentParser:
    """The command line: all of it, or as much as one command needs."""
    root = argparse.ArgumentParser(
        prog="python -m delivery",
        description="Previews for pull requests, promotion to production, drift.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    wanted = [_MODULES[command]] if command in _MODULES else dict.fromkeys(_MODULES.values())
    for name in wanted:
        importlib.import_module(f"delivery.commands.{name}").register(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems become one message and an exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser(given[0] if given else "").parse_args(given)
    try:
        code: int = options.run(options)
    except OpsError as problem:
        return _fail(str(problem), problem.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted; run the same command again", _INTERRUPTED)
    return code


def _fail(message: str, code: int) -> int:
    MESSAGES.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    return code
