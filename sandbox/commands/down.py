"""`down`: destroy the stack, stop every process, remove the folder."""

import argparse

from sandbox.commands import own_cluster
from sandbox.commands.lock import changing
from sandbox.commands.registry import Commands
from sandbox.console import MESSAGES
from sandbox.control_plane.plane import ControlPlane
from sandbox.errors import EngineError
from sandbox.folder import SandboxFolder
from sandbox.monitoring import Monitoring
from sandbox.own_cluster import OwnCluster
from sandbox.session import STACK, open_workspace
from sandbox.toolchain import Toolchain


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("down", help="destroy the stack and stop everything")
    command.add_argument(
        "--context", metavar="NAME", help="in a cluster of your own, by its kubeconfig context"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Take down whatever there is; nothing is left behind, whatever state it was in."""
    if options.context:
        return own_cluster.down(OwnCluster(options.context))
    plane = ControlPlane(folder.root)
    with changing(folder):
        try:
            _destroy(plane, folder)
        finally:
            Monitoring(folder.monitoring).stop()
            plane.stop()
            MESSAGES.print("the sandbox is down; nothing is left running")
    return 0


def _destroy(plane: ControlPlane, folder: SandboxFolder) -> None:
    """Let the engine take the stack down; with nothing to talk to, stopping must do."""
    toolchain = Toolchain.find()
    if plane.group.state() is None or toolchain is None:
        return
    try:
        open_workspace(folder, toolchain).destroy(STACK)
    except EngineError as failure:
        raise EngineError(f"{failure} The sandbox itself is down all the same.") from failure
