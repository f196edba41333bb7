"""`down`: stop every process, remove the folder; the stack goes with its cluster."""

import argparse
from contextlib import ExitStack

from sandbox.commands import own_cluster
from sandbox.commands.lock import changing
from sandbox.commands.registry import Commands
from sandbox.console import MESSAGES
from sandbox.control_plane.plane import ControlPlane
from sandbox.engine.workspace import stop_engines
from sandbox.folder import SandboxFolder
from sandbox.monitoring import Monitoring
from sandbox.own_cluster import OwnCluster


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("down", help="stop everything and leave nothing")
    command.add_argument(
        "--context", metavar="NAME", help="in a cluster of your own, by its kubeconfig context"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Take down whatever there is; nothing is left behind, whatever state it was in."""
    if options.context:
        return own_cluster.down(OwnCluster(options.context))
    plane = ControlPlane(folder.root)
    with changing(folder), ExitStack() as afterwards:  # all of it, whatever fails; the last first
        afterwards.callback(_stop, plane)
        afterwards.callback(Monitoring(folder.monitoring).stop)
        afterwards.callback(stop_engines, folder.root)
    return 0


def _stop(plane: ControlPlane) -> None:
    plane.stop()
    MESSAGES.print("the sandbox is down; nothing is left running")
