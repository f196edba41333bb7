"""The command line of operations: commands, exit codes, errors. The work is elsewhere in `ops`."""

import importlib
import os
import sys
from collections.abc import Sequence

import click
from rich.markup import escape

from ops.commands import (
    anomalies,
    chaos,
    chaos_calendar,
    chaos_mesh_fault,
    chaos_report,
    chaos_scores,
    chaos_windows,
    doctor,
    gitops,
    mesh,
    schema,
    status,
)
from ops.console import MESSAGES
from ops.errors import OpsError
from vocabulary.disclosure import without

PROGRAM = "python -m ops"
INTERRUPTED = 130
_DELIVERY = {
    "init": "init",
    "image": "image",
    "preview": "preview",
    "deploy": "deploy",
    "render": "render",
    "compare": "render",
    "comment": "comment",
    "key": "keys",
    "verdict": "verdict",
    "override": "override",
    "promote": "promote",
    "drift": "drift",
}
"""Command of delivery -> module that has it; imported when asked for, some bring half of Pulumi."""

_EPILOG = """\b
Examples:
  python -m ops status                                  is the platform well?
  python -m ops init --stack prod                       the first stack file, from a dozen answers
  python -m ops doctor --stack prod                     would it come up in this cluster?
  python -m ops gitops reconcile apps --with-source     apply what is in Git, and wait for it
  python -m ops gitops suspend apps --for 2h --reason "incident 42"
  python -m ops mesh canary set api-service 25          a quarter of requests to the canary
  python -m ops chaos pause-all --reason "incident 42"  stop every experiment
  python -m ops anomalies --since 1h                    what was odd in the last hour
  python -m ops preview --stack staging                 what an up would change, with policies
  python -m ops deploy --stack staging                  bring it up, with policies
  python -m ops promote --dry-run                       whether production would take it
  python -m ops drift --stack prod                      what was changed by hand

\b
Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not well.
Not well is also a closed gate and found drift.
Environment: KUBECONFIG, PROMETHEUS_URL, PROMETHEUS_TOKEN_FILE, ALERTMANAGER_URL, NO_COLOR.
"""


class _Commands(click.Group):
    """Operations, and the commands of delivery, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_DELIVERY]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _DELIVERY:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"ops.delivery.commands.{_DELIVERY[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(
    cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
def cli() -> None:
    """Operations of the platform: see how it stands, change what is an operator's, deliver.

    Data goes to stdout, as a table or with -o as JSON or YAML; progress and warnings to stderr.
    Whatever writes has --dry-run.
    """


for group, commands in (
    (cli, (status.status, doctor.doctor, gitops.gitops, mesh.mesh, chaos.chaos)),
    (cli, (anomalies.anomalies, anomalies.alerts, schema.schema)),
    (chaos.chaos, (chaos_calendar.calendar, chaos_mesh_fault.mesh_fault, chaos_report.report)),
    (chaos.chaos, (chaos_scores.scores, chaos_windows.windows_command)),
):
    for command in commands:
        group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, by default the process's own; problems become a message and an exit code."""
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name=PROGRAM,
            standalone_mode=False,
        )
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except OpsError as problem:
        return _fail(str(problem), problem.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; the same command goes on from here", INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads has seen enough; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int) -> int:
    said = escape(without(message))  # a log is read by more people than a terminal
    MESSAGES.print(f"[bold red]error:[/] {said}", highlight=False, soft_wrap=True)
    return code
