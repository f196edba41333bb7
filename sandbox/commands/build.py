"""`build`: every tool, the charts and, for a node, its programs and images; nothing started."""

import argparse

from sandbox.charts import stage_charts
from sandbox.commands.registry import Commands
from sandbox.console import DATA, MESSAGES
from sandbox.folder import CHARTS, SandboxFolder
from sandbox.images import IMAGES, write_images
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import MONITORING, PLATFORM, Tool
from sandbox.toolchain.cluster import CHAOS, FLUX, MESH, NODE


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("build", help="build every tool, without starting anything")
    command.add_argument(
        "--node", action="store_true", help="also the programs of a node and its pods' images"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, _folder: SandboxFolder) -> int:
    """Build what is missing and say where every tool is."""
    tools: tuple[Tool, ...] = (*PLATFORM, *MONITORING)
    if options.node:
        tools = (*tools, *NODE, *MESH, *CHAOS, *FLUX)
    toolchain = Toolchain.ensure(MESSAGES, tools)
    stage_charts(CHARTS, toolchain.go)
    for name, program in sorted(toolchain.programs.items()):
        DATA.print(f"{name:<24} {program}", highlight=False)
    if options.node:
        for archive in write_images(toolchain, IMAGES, _report):
            DATA.print(f"{archive.name:<24} {archive.path}", highlight=False)
    return 0


def _report(image: str, what: str) -> None:
    MESSAGES.print(f"image {image}: {what}", highlight=False)
