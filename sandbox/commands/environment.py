"""`env`: what a shell needs to use the sandbox."""

import argparse
import os
import shlex

from sandbox.commands.registry import Commands, running_plane
from sandbox.control_plane.forward import FORWARDED
from sandbox.folder import SandboxFolder
from sandbox.session import open_workspace

_ALWAYS = ("KUBECONFIG", "PATH")
_PREFIX = "PULUMI_"


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("env", help='for the shell: eval "$(python -m sandbox env)"')
    command.set_defaults(run=run)


def run(_options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Print an export line for everything the sandbox sets; paths only, no secret."""
    for name, value in exports(folder).items():
        if os.environ.get(name) != value:
            print(f"export {name}={shlex.quote(value)}")  # noqa: T201 - for eval
    return 0


def exports(folder: SandboxFolder) -> dict[str, str]:
    """The variables that the sandbox sets, by name."""
    plane = running_plane(folder)
    engine = sorted(open_workspace(folder).environment().items())
    endpoints = {service.name: service.endpoint for service in plane.group.services()}
    return {
        **{n: value for n, value in engine if n in _ALWAYS or n.startswith(_PREFIX)},
        **{t.variable: endpoints[t.name] for t in FORWARDED if t.name in endpoints},
    }
