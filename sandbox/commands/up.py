"""`up`: toolchain, charts, control plane, engine, in this order; each step is skipped when done."""

import argparse
import json

from sandbox.charts import stage_charts
from sandbox.commands.crashes import report_crashes
from sandbox.commands.lock import changing
from sandbox.commands.registry import Commands
from sandbox.commands.tables import area_table, output_table, process_table
from sandbox.console import DATA, MESSAGES
from sandbox.control_plane.plane import ControlPlane
from sandbox.engine.workspace import Workspace
from sandbox.folder import CHARTS, SandboxFolder
from sandbox.session import STACK, open_workspace, start_control_plane
from sandbox.summary import objects_by_area
from sandbox.supervision.service import GroupState, Phase
from sandbox.toolchain import Toolchain

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
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Bring up what is not up yet."""
    with changing(folder):
        toolchain = Toolchain.ensure(MESSAGES)
        stage_charts(CHARTS, toolchain.go)
        plane = _start(folder, toolchain)
        report_crashes(plane.group.services())
        if options.control_plane_only:
            _show_processes(plane)
            return 0
        workspace = open_workspace(folder, toolchain)
        MESSAGES.print(f"Python language host: {workspace.language_host}", highlight=False)
        workspace.up(STACK)
        _show_processes(plane)
        _show_stack(workspace)
    return 0


def _start(folder: SandboxFolder, toolchain: Toolchain) -> ControlPlane:
    with MESSAGES.status("starting the control plane") as status:

        def show(state: GroupState) -> None:
            starting = [s.name for s in state.services if s.phase is Phase.STARTING]
            status.update(f"starting {', '.join(starting) or 'the control plane'}")

        return start_control_plane(folder, toolchain, on_change=show)


def _show_processes(plane: ControlPlane) -> None:
    if state := plane.group.state():
        DATA.print(process_table(state))


def _show_stack(workspace: Workspace) -> None:
    state = json.loads(workspace.capture(["stack", "export", "--stack", STACK]))
    outputs = json.loads(workspace.capture(["stack", "output", "--json", "--stack", STACK]))
    DATA.print()
    DATA.print(area_table(objects_by_area(state["deployment"].get("resources", []))))
    DATA.print()
    DATA.print(output_table(outputs))
    DATA.print(f"\n{_HOW_TO_LOOK}", markup=False, highlight=False)
