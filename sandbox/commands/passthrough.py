"""`kubectl` and `pulumi`: the real tools, pointed at the sandbox."""

import argparse
import os

from sandbox.commands.registry import Commands, running_plane
from sandbox.engine.workspace import Workspace
from sandbox.folder import SandboxFolder
from sandbox.session import open_workspace
from sandbox.toolchain.toolchain import kubectl

_NO_OPTIONS = "\0"
"""No argument begins with it, so that even leading options are left to the tool."""


def register(commands: Commands) -> None:
    """Add the commands; what follows their name belongs to the tool."""
    for name, run in (("kubectl", run_kubectl), ("pulumi", run_pulumi)):
        command = commands.add_parser(
            name,
            help=f"{name}, pointed at the sandbox",
            add_help=False,
            prefix_chars=_NO_OPTIONS,
        )
        command.add_argument("arguments", nargs=argparse.REMAINDER)
        command.set_defaults(run=run)


def run_kubectl(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Become kubectl."""
    plane = running_plane(folder)
    program = str(kubectl())
    environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig)}
    os.execve(program, [program, *options.arguments], environment)  # noqa: S606 - no shell wanted


def run_pulumi(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Run pulumi in the sandbox's workspace."""
    running_plane(folder)
    workspace: Workspace = open_workspace(folder)
    return workspace.pulumi(options.arguments, check=False)
