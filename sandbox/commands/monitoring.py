"""`monitoring up` and `down`: a Prometheus and an Alertmanager beside the control plane."""

import argparse
from pathlib import Path

from sandbox.commands.crashes import report_crashes
from sandbox.commands.lock import changing
from sandbox.commands.registry import Commands
from sandbox.commands.tables import process_table
from sandbox.console import DATA, MESSAGES
from sandbox.folder import SandboxFolder
from sandbox.monitoring import Monitoring
from sandbox.session import monitoring_programs
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import MONITORING


def register(commands: Commands) -> None:
    """Add the commands."""
    monitoring = commands.add_parser(
        "monitoring", help="a Prometheus and an Alertmanager, up or down"
    )
    actions = monitoring.add_subparsers(title="actions", metavar="ACTION", required=True)
    up = actions.add_parser("up", help="bring both up, and say where they are")
    up.add_argument(
        "--recording",
        dest="recordings",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="OpenMetrics text that Prometheus shall hold from the start; may be repeated",
    )
    up.set_defaults(run=run_up)
    down = actions.add_parser("down", help="stop both, and forget all series and alerts")
    down.set_defaults(run=run_down)


def run_up(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Bring up what is not up yet."""
    with changing(folder):
        programs = monitoring_programs(Toolchain.ensure(MESSAGES, MONITORING))
        state = Monitoring(folder.monitoring).start(programs, recordings=options.recordings)
    report_crashes(state.services)
    DATA.print(process_table(state))
    return 0


def run_down(_options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Stop both, in whatever state they are."""
    with changing(folder):
        Monitoring(folder.monitoring).stop()
    MESSAGES.print("the monitoring is down; nothing of it is left")
    return 0
