"""`up`: toolchain, charts, control plane, node, engine, in this order; what is done is skipped."""

import argparse
import json
from collections.abc import Sequence

from rich.markup import escape

from sandbox.charts import stage_charts
from sandbox.commands import own_cluster
from sandbox.commands.crashes import report_crashes
from sandbox.commands.lock import changing
from sandbox.commands.registry import Commands
from sandbox.commands.tables import area_table, output_table, process_table
from sandbox.console import DATA, MESSAGES
from sandbox.control_plane.plane import ControlPlane
from sandbox.engine.workspace import Workspace
from sandbox.folder import CHARTS, SandboxFolder
from sandbox.images import IMAGES, Image
from sandbox.images.catalogue import NODE_IMAGES
from sandbox.node import processes
from sandbox.node.preflight import NODE as NODE_FEATURE
from sandbox.node.preflight import Preflight, examine
from sandbox.own_cluster import OwnCluster
from sandbox.session import (
    STACK,
    equip_node,
    node_demo,
    node_tools,
    open_workspace,
    start_control_plane,
)
from sandbox.summary import objects_by_area
from sandbox.supervision.service import GroupState, Phase
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import PLATFORM

_HOW_TO_LOOK = """\
Look at it:    eval "$(make env)" && kubectl get kustomizations,virtualservices,schedules -A
Change it:     edit Pulumi.sandbox.yaml, then make up
Take it down:  make down"""


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser("up", help="bring the platform up on this machine")
    command.add_argument(
        "--control-plane-only",
        action="store_true",
        help="start the API server and its controllers, do not run the engine",
    )
    command.add_argument(
        "--node",
        action="store_true",
        help="with a node in which everything runs; needs root, see preflight",
    )
    command.add_argument(
        "--context", metavar="NAME", help="in a cluster of your own, by its kubeconfig context"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Bring up what is not up yet."""
    if options.context:
        return own_cluster.up(OwnCluster(options.context))
    with changing(folder):
        preflight = examine(folder.root)
        plane = ControlPlane(folder.root)
        node = options.node or plane.has_node
        if node and not (plane.has_node and plane.group.state()):
            preflight.require_node()
        MESSAGES.print(escape(_what_runs(preflight, node=node)), highlight=False)
        images = NODE_IMAGES if options.control_plane_only else IMAGES
        toolchain = Toolchain.ensure(MESSAGES, node_tools(images) if node else PLATFORM)
        stage_charts(CHARTS, toolchain.go)
        plane = _start(folder, toolchain, node=node)
        if node:
            _equip(plane, toolchain, images)
        report_crashes(plane.group.services())
        if options.control_plane_only:
            _show_processes(plane)
            return 0
        if node:
            with MESSAGES.status("bringing up the demo's Git server and monitoring"):
                node_demo(plane).prepare()
        workspace = open_workspace(folder, toolchain)
        MESSAGES.print(escape(f"Python language host: {workspace.language_host}"), highlight=False)
        workspace.up(STACK)
        if node:
            node_demo(plane).introduce()
        _show_processes(plane)
        _show_stack(workspace)
    return 0


def _what_runs(preflight: Preflight, *, node: bool) -> str:
    """One line on what the stack's pods and faults can do here."""
    reason = preflight.reason(NODE_FEATURE)
    if reason is not None:
        return f"no pod will run: no node is possible here ({reason})"
    if not node:
        return "no pod will run: `make live` brings up a node too"
    lacking = ", ".join(preflight.missing)
    return f"a node will run; this machine cannot do: {lacking}" if lacking else "a node will run"


def _start(folder: SandboxFolder, toolchain: Toolchain, *, node: bool) -> ControlPlane:
    with MESSAGES.status("starting the control plane") as status:

        def show(state: GroupState) -> None:
            starting = [s.name for s in state.services if s.phase is Phase.STARTING]
            status.update(f"starting {', '.join(starting) or 'the control plane'}")

        return start_control_plane(folder, toolchain, node=node, on_change=show)


def _equip(plane: ControlPlane, toolchain: Toolchain, images: Sequence[Image]) -> None:
    with MESSAGES.status("equipping the node") as status:
        equip_node(plane, toolchain, images, on_step=lambda step: status.update(escape(step)))


def _show_processes(plane: ControlPlane) -> None:
    if state := plane.group.state():
        inside = processes.services(plane.folder.node)
        shown = state.model_copy(update={"services": [*state.services, *inside]})
        DATA.print(process_table(shown))


def _show_stack(workspace: Workspace) -> None:
    state = json.loads(workspace.capture(["stack", "export", "--stack", STACK]))
    outputs = json.loads(workspace.capture(["stack", "output", "--json", "--stack", STACK]))
    DATA.print()
    DATA.print(area_table(objects_by_area(state["deployment"].get("resources", []))))
    DATA.print()
    DATA.print(output_table(outputs))
    DATA.print(f"\n{_HOW_TO_LOOK}", markup=False, highlight=False)
