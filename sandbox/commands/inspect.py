"""`status` and `logs`: looking, changing nothing."""

import argparse
import json
from typing import Any

from sandbox.commands.crashes import report_crashes
from sandbox.commands.registry import Commands, running_plane
from sandbox.commands.tables import process_table
from sandbox.console import DATA
from sandbox.control_plane.plane import ControlPlane
from sandbox.errors import UnhealthyError, UsageError
from sandbox.folder import SandboxFolder
from sandbox.monitoring import Monitoring
from sandbox.node import processes
from sandbox.supervision.service import GroupState, Phase

_LINES = 50


def register(commands: Commands) -> None:
    """Add the commands."""
    status = commands.add_parser("status", help="what runs; exit code 3 when not all is well")
    status.add_argument("-o", "--output", choices=("table", "json"), default="table")
    status.set_defaults(run=run_status)
    logs = commands.add_parser("logs", help="the end of a process's log")
    logs.add_argument("name", metavar="NAME", help="a process of `status`, or supervisor")
    logs.add_argument("-n", "--lines", type=int, default=_LINES, help=f"default: {_LINES}")
    logs.set_defaults(run=run_logs)


def run_status(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Show every process."""
    plane = running_plane(folder)
    state = plane.group.state()
    if state is None:
        raise UnhealthyError("the sandbox went down this moment")
    inside = processes.services(plane.folder.node)
    watching = Monitoring(folder.monitoring).group.services()
    state = state.model_copy(update={"services": [*state.services, *inside, *watching]})
    if options.output == "json":
        DATA.print_json(json.dumps(_document(plane, state)))
    else:
        DATA.print(process_table(state))
        report_crashes(s for s in state.services if s.phase in (Phase.CRASHED, Phase.FAILED))
    return 0 if is_healthy(state) else UnhealthyError.exit_code


def run_logs(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Print the last lines of a log."""
    plane = ControlPlane(folder.root)
    groups = (
        Monitoring(folder.monitoring).group.folder,
        plane.folder.node.group,
        plane.group.folder,
    )
    logs = {log.stem: log for group in groups for log in group.logs.glob("*.log")}
    if options.name not in logs:
        known = ", ".join(sorted(logs)) or "none, the sandbox is not up"
        raise UsageError(f"there is no log {options.name!r}; there are: {known}")
    lines = logs[options.name].read_text(errors="replace").splitlines()
    print("\n".join(lines[-options.lines :]))  # noqa: T201 - the log, as it is
    return 0


def is_healthy(state: GroupState) -> bool:
    """Whether everything that should run does; a service may wait for what it needs."""
    return all(service.phase in (Phase.READY, Phase.WAITING) for service in state.services)


def _document(plane: ControlPlane, state: GroupState) -> dict[str, Any]:
    return {
        "healthy": is_healthy(state),
        "kubeconfig": str(plane.kubeconfig),
        "services": [service.model_dump(mode="json") for service in state.services],
    }
