"""`gitops`: how Flux stands, apply now, stop for a while, go on."""

from collections.abc import Sequence
from typing import Any

import click
from rich.markup import escape

from ops.cluster.changes import Change
from ops.commands import options
from ops.commands.output import Changes, emit, emit_changes, progress, show, table
from ops.errors import UsageError
from ops.gitops import (
    get_gitops_status,
    resume,
    resume_expired,
    suspend,
    trigger_reconciliation,
)
from ops.gitops.diff import GitOpsDiff, get_diff
from ops.gitops.logs import GitOpsLogs, get_logs
from ops.gitops.reconciliation import Reconciliation
from ops.gitops.status import NAMESPACE, GitOpsStatus


@click.group()
def gitops() -> None:
    """How Flux stands, apply now, stop for a while, go on."""


@gitops.command(
    epilog="""\b
Examples:
  python -m ops gitops status
  python -m ops gitops status -n flux-system -o json | jq '.objects[] | select(.state != "ready")'

Exits with 3 when something failed, is suspended for too long, or could not be asked.
"""
)
@options.cluster
@options.namespace(None, "Only the objects of one namespace.")
@options.prints(GitOpsStatus)
def status(namespace: str | None) -> int:
    """Show every object of Flux, worst first."""
    cluster = options.asked_cluster()
    found = get_gitops_status(cluster, namespace=namespace)
    rows = [
        (each.state, each.title, each.namespace, each.short_revision, each.reason, each.message)
        for each in found.objects
    ]
    columns = ("STATE", "OBJECT", "NAMESPACE", "REVISION", "REASON", "MESSAGE")
    return emit(found, table(columns, rows), *map(escape, found.unknown))


@gitops.command(
    epilog="""\b
Examples:
  python -m ops gitops reconcile brisa-production --with-source
  python -m ops gitops reconcile gitrepository/brisa-infrastructure --timeout 1m
  python -m ops gitops reconcile helmrelease/podinfo -n apps --no-wait

Waits until the controller has answered this very request, for the newest generation; exits with 3
at once when the answer is a failure.
"""
)
@click.argument("target")
@options.cluster
@options.namespace(NAMESPACE, "Where the object is.")
@click.option("--with-source", is_flag=True, help="First let its source look for something newer.")
@options.wait
@options.timeout(None)
@options.dry_run
@options.prints(Reconciliation)
def reconcile(target: str, **asked: Any) -> None:
    """Apply now what is in Git, and wait until that has happened.

    TARGET is KIND/NAME as kubectl takes it (gitrepository/apps, hr/podinfo), or the name of a
    Kustomization.
    """
    with progress() as report:
        cluster = options.asked_cluster()
        done = trigger_reconciliation(target, cluster=cluster, report=report, **asked)
    emit(done, *map(escape, _reconciled(done)))


@gitops.command(
    epilog="""\b
Examples:
  python -m ops gitops diff brisa-production            in a checkout of the repository
  python -m ops gitops diff brisa-production --path ../infrastructure/infra/gitops -o json

A server-side dry run: nothing is changed. Numbers of pods that an autoscaler keeps, what the
Kustomization ignores and objects that Flux leaves alone are no drift.

Exits with 3 when something differs.
"""
)
@click.argument("target")
@options.cluster
@options.namespace(NAMESPACE, "Where the Kustomization is.")
@click.option(
    "--path",
    "folder",
    type=options.FOLDER,
    help="Its folder in a checkout; spec.path below the present folder by default.",
)
@options.prints(GitOpsDiff)
def diff(target: str, **where: Any) -> int:
    """Show what differs between the cluster and Git now, and change nothing."""
    found = get_diff(target, cluster=options.asked_cluster(), **where)
    lines = []
    for each in found.objects:
        lines.append(f"{each.ref}: {each.what} {each.note}".rstrip())
        lines += [f"  {d.path}: {show(d.before)} -> {show(d.after)}" for d in each.differences]
    summary = "nothing differs" if found.well else f"{len(found.objects)} objects differ"
    return emit(found, *map(escape, (*lines, f"{summary}; Git is at {found.revision}")))


@gitops.command(
    epilog="""\b
Examples:
  python -m ops gitops logs --errors
  python -m ops gitops logs kustomization/brisa-production --since 10m
"""
)
@click.argument("target", required=False)
@options.cluster
@options.namespace(NAMESPACE, "Where the object is.")
@click.option(
    "--flux-namespace", "flux", default=NAMESPACE, show_default=True, help="Of the controllers."
)
@click.option(
    "--since", type=options.DURATION, default="1h", show_default=True, help="How far back."
)
@click.option("--errors", is_flag=True, help="Only what went wrong.")
@options.prints(GitOpsLogs)
def logs(target: str | None, **which: Any) -> None:
    """Show what Flux's controllers have written, about TARGET if one is given."""
    found = get_logs(target, cluster=options.asked_cluster(), **which)
    rows = [(each.at, each.controller, each.level, each.about, each.text) for each in found.lines]
    emit(found, table(("AT", "CONTROLLER", "LEVEL", "ABOUT", "TEXT"), rows))


@gitops.command(
    "suspend",
    epilog="""\b
Examples:
  python -m ops gitops suspend brisa-production --for 2h --reason "incident 42"
  python -m ops gitops suspend gitrepository/apps --reason "repository moves on Monday"

Nothing ends a suspension by itself: run `gitops resume --expired` from a cron job. The status shows
those whose time is up until then.
""",
)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@options.cluster
@options.namespace(NAMESPACE, "Where the objects are.")
@options.reason
@options.lasting("For how long, as 2h or 30m; without it until somebody resumes.")
@options.dry_run
@options.prints(Changes)
def suspend_command(targets: Sequence[str], **asked: Any) -> None:
    """Stop Flux from changing what objects apply; who, why and until when is noted on them."""
    cluster = options.asked_cluster()
    changes = [suspend(target, cluster=cluster, **asked) for target in targets]
    emit_changes(changes, dry_run=asked["dry_run"])


@gitops.command(
    "resume",
    epilog="""\b
Examples:
  python -m ops gitops resume brisa-production
  python -m ops gitops resume --expired --no-wait          for a cron job
""",
)
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@options.cluster
@options.namespace(None, f"Where the objects are: {NAMESPACE}, or everywhere with --expired.")
@click.option("--expired", is_flag=True, help="All whose time is up, and no others.")
@options.wait
@options.timeout(None)
@options.dry_run
@options.prints(Changes)
def resume_command(
    targets: Sequence[str], namespace: str | None, *, expired: bool, dry_run: bool, **waiting: Any
) -> None:
    """Let Flux go on with objects, and wait until it has reconciled them."""
    if bool(targets) == expired:
        raise UsageError("name what shall go on, or say --expired")
    cluster = options.asked_cluster()
    changes: list[Change]
    if expired:
        changes = resume_expired(namespace=namespace, dry_run=dry_run, cluster=cluster)
    else:
        with progress() as report:
            changes = [
                resume(
                    target,
                    namespace=namespace or NAMESPACE,
                    dry_run=dry_run,
                    cluster=cluster,
                    report=report,
                    **waiting,
                ).change
                for target in targets
            ]
    emit_changes(changes, dry_run=dry_run)


def _reconciled(done: Reconciliation) -> list[str]:
    lines = []
    for each in done.objects:
        if each.handled:
            lines.append(
                f"{each.change.ref}: reconciled in {each.seconds:g} s, {show(each.revision)}"
            )
        else:
            asked = "asked" if each.change.applied else "would be asked"
            lines.append(f"{each.change.ref}: {asked} to reconcile")
    return lines
