"""The command line of delivery. The work is in `commands`."""

import importlib
from collections.abc import Mapping, Sequence

import click

from ops.entry import run

PROGRAM = "python -m delivery"
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

_EPILOG = """\b
Examples:
  python -m delivery preview --stack staging       what an up would change, with policies
  python -m delivery verdict                       what staging says of the release it runs
  python -m delivery promote --dry-run             whether production would take it
  python -m delivery drift --stack prod            what was changed by hand

\b
Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 gate closed or drift found.
"""


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _MODULES:
            return None
        module = importlib.import_module(f"delivery.commands.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(
    cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
def cli() -> None:
    """Previews for pull requests, promotion to production, drift."""


def commands() -> Mapping[str, click.Command]:
    """Every command by its name."""
    context = click.Context(cli)
    return {name: found for name in _MODULES if (found := cli.get_command(context, name))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; problems become one message and an exit code."""
    return run(cli, arguments, PROGRAM)
