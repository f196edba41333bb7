"""`tour`: ten minutes that show what the platform does, on a sandbox with a node."""

import argparse
import os
import sys

from sandbox.commands.environment import exports
from sandbox.commands.registry import Commands, running_plane
from sandbox.console import DATA
from sandbox.demo.tour import take
from sandbox.errors import UnhealthyError
from sandbox.folder import CHECKOUT, SandboxFolder

PAGE = CHECKOUT / "docs" / "tour.md"
_SANDBOX = "python -m sandbox "


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "tour", help="ten minutes that show what the platform does; after up --node"
    )
    command.add_argument(
        "--no-pause", action="store_true", help="do not wait for Enter before each stop"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Read the page out and run what stands on it."""
    plane = running_plane(folder)
    if not plane.has_node:
        raise UnhealthyError("the tour needs a node: `make live` brings one up")
    page = PAGE.read_text(encoding="utf-8")
    if folder != SandboxFolder():
        page = page.replace(_SANDBOX, f"{_SANDBOX}--folder {folder.root} ")
    pause = sys.stdin.isatty() and not options.no_pause
    take(
        page,
        folder=CHECKOUT,
        environment={**os.environ, **exports(folder)},
        console=DATA,
        on_stop=_wait_for_enter if pause else (lambda: None),
    )
    return 0


def _wait_for_enter() -> None:
    DATA.print("[dim]Enter goes on, Ctrl-C ends the tour[/]", end="")
    sys.stdin.readline()
