"""`chaos mesh-fault`: requests of one caller, delayed or answered with an error by its proxies."""

from typing import Any

import click

from ops.chaos.mesh_fault import MeshFault, start
from ops.commands import options
from ops.commands.output import Changes, confirm, emit_changes


@click.command(
    "mesh-fault",
    epilog="""\b
Examples:
  python -m ops chaos mesh-fault api-service -n brisa-staging --caller web --delay 500ms \\
      --for 2m --reason "does web stay within its timeout?"
  python -m ops chaos mesh-fault api-service -n brisa-staging --caller web --abort 503 \\
      --percent 10 --for 1m --reason "are errors retried?"

Needs nothing of the node's kernel. Kubernetes ends it when its time is up, whatever becomes of this
command; `chaos pause-all` ends it sooner. The namespace must have opted in to experiments.
""",
)
@click.argument("service")
@options.cluster
@options.namespace("default", "Where both services are.")
@click.option("--caller", required=True, help="Service whose requests are hit.")
@click.option("--delay", type=options.DURATION, help="Send them so late, 2s at most.")
@click.option("--abort", "status", type=int, help="Answer them with this status instead.")
@click.option("--percent", type=int, default=50, show_default=True, help="Share of them.")
@click.option(
    "--for", "duration", type=options.DURATION, required=True, help="How long, 10s to 15m."
)
@options.reason
@options.yes
@options.dry_run
@options.prints(Changes)
def mesh_fault(namespace: str, reason: str, *, dry_run: bool, **fault: Any) -> None:
    """Delay or fail requests of one service to SERVICE, for a while."""
    cluster = options.asked_cluster()
    wanted = MeshFault(**fault)
    wanted.check()
    confirm(f"Requests of {wanted.caller} to {wanted.service} suffer, now. Go on?")
    done = start(cluster, wanted, namespace=namespace, reason=reason, dry_run=dry_run)
    emit_changes([done], dry_run=dry_run)
