"""`preview`: what the next `up` would change."""

import argparse

from sandbox.commands.registry import Commands, running_plane
from sandbox.folder import SandboxFolder
from sandbox.session import STACK, open_workspace


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("preview", help="show what the next up would change")
    command.set_defaults(run=run)


def run(_options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Preview against the running control plane, policies included."""
    running_plane(folder)
    open_workspace(folder).preview(STACK)
    return 0
