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
    plane = running_plane(folder)
    for name, value in sorted(open_workspace(folder).environment().items()):
        is_ours = name in _ALWAYS or name.startswith(_PREFIX)
        if is_ours and os.environ.get(name) != value:
            _export(name, value)
    endpoints = {service.name: service.endpoint for service in plane.group.services()}
    for target in FORWARDED:
        if target.name in endpoints:
            _export(target.variable, endpoints[target.name])
    return 0


def _export(name: str, value: str) -> None:
    print(f"export {name}={shlex.quote(value)}")  # noqa: T201 - for eval
