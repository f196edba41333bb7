"""`gitops`: how Flux stands, apply now, stop for a while, go on."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.markup import escape

from ops.cluster.changes import Change
from ops.commands import options
from ops.commands.output import emit, emit_changes, progress, show, table
from ops.errors import UnhealthyError, UsageError
from ops.gitops import (
    get_gitops_status,
    list_suspensions,
    resume,
    resume_expired,
    suspend,
    trigger_reconciliation,
)
from ops.gitops.diff import get_diff
from ops.gitops.logs import get_logs
from ops.gitops.reconciliation import Reconciliation
from ops.gitops.state import GitOpsObject
from ops.gitops.targets import NAMESPACE


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
@options.output
def status(kubeconfig: str | None, context: str | None, namespace: str | None, output: str) -> int:
    """Show every object of Flux, worst first."""
    cluster = options.sources(kubeconfig, context).cluster
    found = get_gitops_status(cluster, namespace=namespace)
    rows = [
        (each.state, each.title, each.namespace, each.short_revision, each.reason, each.message)
        for each in found.objects
    ]
    columns = ("STATE", "OBJECT", "NAMESPACE", "REVISION", "REASON", "MESSAGE")
    emit(found, output, table(columns, rows), *map(escape, found.unknown))
    return 0 if found.well else UnhealthyError.exit_code


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
@options.output
def reconcile(
    *,
    target: str,
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    timeout: timedelta | None,
    output: str,
    with_source: bool,
    wait: bool,
    dry_run: bool,
) -> None:
    """Apply now what is in Git, and wait until that has happened.

    TARGET is KIND/NAME as kubectl takes it (gitrepository/apps, hr/podinfo), or the name of a
    Kustomization.
    """
    with progress() as report:
        done = trigger_reconciliation(
            target,
            namespace=namespace,
            with_source=with_source,
            wait=wait,
            timeout=timeout,
            dry_run=dry_run,
            cluster=options.sources(kubeconfig, context).cluster,
            report=report,
        )
    emit(done, output, *map(escape, _reconciled(done, dry_run=dry_run)))


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
    type=click.Path(path_type=Path, file_okay=False),
    help="Its folder in a checkout; spec.path below the present folder by default.",
)
@options.output
def diff(
    *,
    target: str,
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    folder: Path | None,
    output: str,
) -> int:
    """Show what differs between the cluster and Git now, and change nothing."""
    cluster = options.sources(kubeconfig, context).cluster
    found = get_diff(target, folder=folder, namespace=namespace, cluster=cluster)
    lines = []
    for each in found.objects:
        lines.append(f"{each.ref}: {each.what} {each.note}".rstrip())
        lines += [f"  {d.path}: {show(d.before)} -> {show(d.after)}" for d in each.differences]
    summary = "nothing differs" if found.well else f"{len(found.objects)} objects differ"
    emit(found, output, *map(escape, (*lines, f"{summary}; Git is at {found.revision}")))
    return 0 if found.well else UnhealthyError.exit_code


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
@click.option("--flux-namespace", default=NAMESPACE, show_default=True, help="Of the controllers.")
@click.option(
    "--since", type=options.DURATION, default="1h", show_default=True, help="How far back."
)
@click.option("--errors", is_flag=True, help="Only what went wrong.")
@options.output
def logs(
    *,
    target: str | None,
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    flux_namespace: str,
    since: timedelta,
    errors: bool,
    output: str,
) -> None:
    """Show what Flux's controllers have written, about TARGET if one is given."""
    found = get_logs(
        target,
        since=since,
        errors=errors,
        namespace=namespace,
        flux=flux_namespace,
        cluster=options.sources(kubeconfig, context).cluster,
    )
    rows = [(each.at, each.controller, each.level, each.about, each.text) for each in found.lines]
    emit(found, output, table(("AT", "CONTROLLER", "LEVEL", "ABOUT", "TEXT"), rows))


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
@options.output
def suspend_command(
    *,
    targets: Sequence[str],
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    reason: str,
    duration: timedelta | None,
    output: str,
    dry_run: bool,
) -> None:
    """Stop Flux from changing what objects apply; who, why and until when is noted on them."""
    cluster = options.sources(kubeconfig, context).cluster
    changes = [
        suspend(
            target,
            reason=reason,
            duration=duration,
            namespace=namespace,
            dry_run=dry_run,
            cluster=cluster,
        )
        for target in targets
    ]
    emit_changes(changes, output, dry_run=dry_run)


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
@options.output
def resume_command(
    *,
    targets: Sequence[str],
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    timeout: timedelta | None,
    output: str,
    expired: bool,
    wait: bool,
    dry_run: bool,
) -> None:
    """Let Flux go on with objects, and wait until it has reconciled them."""
    if bool(targets) == expired:
        raise UsageError("name what shall go on, or say --expired")
    cluster = options.sources(kubeconfig, context).cluster
    changes: list[Change]
    if expired:
        changes = resume_expired(namespace=namespace, dry_run=dry_run, cluster=cluster)
    else:
        with progress() as report:
            changes = [
                resume(
                    target,
                    namespace=namespace or NAMESPACE,
                    wait=wait,
                    timeout=timeout,
                    dry_run=dry_run,
                    cluster=cluster,
                    report=report,
                ).change
                for target in targets
            ]
    emit_changes(changes, output, dry_run=dry_run)


@gitops.command(
    epilog="""\b
Examples:
  python -m ops gitops suspensions
  python -m ops gitops suspensions --forgotten

With --forgotten exits with 3 when there are any.
"""
)
@options.cluster
@options.namespace(None, "Only the objects of one namespace.")
@click.option(
    "--forgotten", is_flag=True, help="Only those whose time is up, or that have no end at all."
)
@options.output
def suspensions(
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    output: str,
    *,
    forgotten: bool,
) -> int:
    """Show what Flux leaves alone: since when, until when, by whom and why."""
    cluster = options.sources(kubeconfig, context).cluster
    found = list_suspensions(forgotten=forgotten, namespace=namespace, cluster=cluster)
    columns = ("OBJECT", "NAMESPACE", "SINCE", "UNTIL", "OVERDUE", "BY", "REASON")
    emit(found, output, table(columns, [_suspension(each) for each in found.objects]))
    return UnhealthyError.exit_code if forgotten and found.objects else 0


def _suspension(each: GitOpsObject) -> tuple[object, ...]:
    record = each.suspension
    return (
        each.title,
        each.namespace,
        each.suspended_since,
        record.until if record else None,
        each.overdue,
        record.by if record else None,
        record.reason if record else "not suspended with ops",
    )


def _reconciled(done: Reconciliation, *, dry_run: bool) -> list[str]:
    lines = []
    for each in done.objects:
        if each.handled:
            lines.append(
                f"{each.change.ref}: reconciled in {each.seconds:g} s, {show(each.revision)}"
            )
        else:
            asked = "would be asked to reconcile" if dry_run else "asked to reconcile"
            lines.append(f"{each.change.ref}: {asked}")
    return lines
