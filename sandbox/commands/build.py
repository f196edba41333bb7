"""`build`: every tool and the charts, nothing started."""

import argparse

from sandbox.charts import stage_charts
from sandbox.commands.registry import Commands
from sandbox.console import DATA, MESSAGES
from sandbox.folder import CHARTS, SandboxFolder
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import MONITORING, PLATFORM


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("build", help="build every tool, without starting anything")
    command.set_defaults(run=run)


def run(_options: argparse.Namespace, _folder: SandboxFolder) -> int:
    """Build what is missing and say where every tool is."""
    toolchain = Toolchain.ensure(MESSAGES, (*PLATFORM, *MONITORING))
    stage_charts(CHARTS, toolchain.go)
    for name, program in sorted(toolchain.programs.items()):
        DATA.print(f"{name:<24} {program}", highlight=False)
    return 0
