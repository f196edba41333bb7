"""`chaos`: what runs, stop it, let it go on, free what is stuck."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click
from rich.console import RenderableType
from rich.markup import escape

from ops.chaos.overview import ChaosOverview, get_overview
from ops.chaos.pausing import Pause, pause, pause_all, wait_until_recovered
from ops.chaos.resuming import resume
from ops.chaos.running import run_once
from ops.chaos.unsticking import Unsticking, unstick
from ops.cluster import Cluster
from ops.commands import options
from ops.commands.output import (
    Changes,
    change_lines,
    confirm,
    emit,
    emit_changes,
    progress,
    table,
)
from ops.errors import OpsError, UnhealthyError, UsageError


@click.group()
def chaos() -> None:
    """What runs, stop it, let it go on, free what is stuck, report on a run."""


_stopping = options.together(
    options.cluster,
    options.reason,
    options.lasting(
        "For how long, as 2h; `resume --expired` ends it. Without it until somebody resumes."
    ),
    options.yes,
    options.wait,
    options.timeout("2m0s"),
    options.dry_run,
    options.prints(Pause),
)


@chaos.command(
    "list",
    epilog="""\b
Examples:
  python -m ops chaos list
  python -m ops chaos list -o json | jq '.experiments[] | select(.stuck != "")'

Exits with 3 when something is stuck, or could not be asked.
""",
)
@options.cluster
@options.namespace(None, "Only one namespace.")
@options.prints(ChaosOverview)
def list_command(namespace: str | None) -> int:
    """Show Schedules with their next firing, Workflows, and experiments with what they hold."""
    found = get_overview(options.asked_cluster(), namespace=namespace)
    return emit(found, *_tables(found), *map(escape, found.unknown))


@chaos.command(
    "pause",
    epilog="""\b
Examples:
  python -m ops chaos pause api-pod-failure -n brisa-production --reason "incident 42"
  python -m ops chaos pause api-pod-failure -n shop --for 2h --reason "release"
  python -m ops chaos pause workflow/api-resilience-x7k2p -n shop --reason "it hurts" --yes

A Schedule hands its pause on to what it has started; a Workflow cannot be paused: it is aborted,
for good.
""",
)
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@options.namespace("default", "Where the objects are.")
@_stopping
def pause_command(
    targets: Sequence[str], namespace: str, timeout: timedelta, *, wait: bool, **stop: Any
) -> None:
    """Stop experiments: KIND/NAME, or names of Schedules. Who and why is noted on them."""
    cluster = options.asked_cluster()
    if any(target.lower().startswith(("workflow", "wf/")) for target in targets):
        confirm("A Workflow is aborted and does not go on afterwards. Abort it?")
    done = pause(cluster, targets, namespace=namespace, **stop)
    _finish_pause(cluster, done, namespace, timeout, wait=wait and not stop["dry_run"])


@chaos.command(
    "pause-all",
    epilog="""\b
Examples:
  python -m ops chaos pause-all --reason "incident 42" --yes
  python -m ops chaos pause-all --reason "black friday" --dry-run

First the cluster is told to refuse new ones, then the Schedules, then what they have started:
Workflows are aborted, experiments paused. Names what cannot be stopped. `chaos resume --all` lets
new ones in again, and lets go on exactly what this has paused.
""",
)
@options.namespace(None, "Only one namespace.")
@_stopping
def pause_all_command(
    namespace: str | None, timeout: timedelta, *, wait: bool, **stop: Any
) -> None:
    """Stop every Schedule, Workflow and experiment, and wait until the faults are undone."""
    cluster = options.asked_cluster()
    confirm("Workflows under way are aborted and do not go on. Stop everything?")
    done = pause_all(cluster, namespace=namespace, **stop)
    _finish_pause(cluster, done, namespace, timeout, wait=wait and not stop["dry_run"])


@chaos.command(
    "run",
    epilog="""\b
Examples:
  python -m ops chaos run api-resilience -n brisa-production --yes
  python -m ops chaos run api-resilience -n brisa-production --dry-run      may it, now?

A copy of the Schedule, NAME-now, fires at the next full minute. The cluster judges it as it judges
every other: outside the window it is refused. Waits until the run is over; `chaos pause` stops it
meanwhile, `chaos report NAME-now` tells what it showed. Exits with 3 when it was aborted.
""",
)
@click.argument("target", metavar="SCHEDULE")
@options.cluster
@options.namespace("default", "Where the Schedule is.")
@options.yes
@options.timeout("30m0s")
@options.dry_run
@options.prints(Changes)
def run_command(target: str, namespace: str, timeout: timedelta, *, dry_run: bool) -> int:
    """Start a Schedule's experiment or Workflow once, now."""
    cluster = options.asked_cluster()
    confirm(f"{target} breaks something on purpose, now. Go on?")
    with progress() as report:
        done = run_once(
            cluster, target, namespace=namespace, timeout=timeout, dry_run=dry_run, report=report
        )
    emit_changes([done], dry_run=dry_run)
    return UnhealthyError.exit_code if done.note.endswith("aborted") else 0


@chaos.command(
    "resume",
    epilog="""\b
Examples:
  python -m ops chaos resume api-pod-failure -n brisa-production
  python -m ops chaos resume --all
  python -m ops chaos resume --expired

What somebody else has paused (by hand, the stack's `paused` or `killSwitch`) stays so.
""",
)
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@options.cluster
@options.namespace(None, "Where the objects are; everywhere with --all.")
@click.option("--all", "everything", is_flag=True, help="All that was paused with ops.")
@click.option("--expired", is_flag=True, help="All whose time is up.")
@options.dry_run
@options.prints(Pause)
def resume_command(
    targets: Sequence[str], namespace: str | None, *, everything: bool, expired: bool, dry_run: bool
) -> None:
    """Let experiments go on that were paused with `ops`, and no others."""
    if sum((bool(targets), everything, expired)) != 1:
        raise UsageError("name what shall go on, or say --all or --expired")
    cluster = options.asked_cluster()
    done = resume(cluster, targets or None, namespace=namespace, expired=expired, dry_run=dry_run)
    _show(done)


@chaos.command(
    "unstick",
    epilog="""\b
Examples:
  python -m ops chaos unstick networkchaos/api-network-delay-x7k2p -n brisa-production --dry-run
  python -m ops chaos unstick networkchaos/api-network-delay-x7k2p -n brisa-production --yes

Deletes it and waits, which undoes the fault. If it does not go: tells the controller to give up,
which takes the object away and leaves the fault in the pods; they are named, and it exits with 3.
--force goes on where no controller is left, or where it does not give up: removes the finalizers.
""",
)
@click.argument("target")
@options.cluster
@options.namespace("default", "Where the object is.")
@options.yes
@click.option(
    "--force",
    is_flag=True,
    help="Remove finalizers, when the controller does not give up or is gone.",
)
@options.timeout("2m0s")
@options.dry_run
@options.prints(Unsticking)
def unstick_command(target: str, **asked: Any) -> int:
    """Get rid of an experiment that does not end, one rung at a time. TARGET is KIND/NAME."""
    cluster = options.asked_cluster()
    confirm(f"{target} is deleted. Go on?")
    with progress() as report:
        done = unstick(cluster, target, report=report, **asked)
    emit(done, *map(escape, _unstuck(done, dry_run=asked["dry_run"])))
    return UnhealthyError.exit_code if done.gone and done.left else 0


def _finish_pause(
    cluster: Cluster,
    done: Pause,
    namespace: str | None,
    timeout: timedelta,
    *,
    wait: bool,
) -> None:
    if wait:
        try:
            with progress() as report:
                wait_until_recovered(
                    cluster, done.changes, namespace=namespace, timeout=timeout, report=report
                )
        except OpsError:
            _show(done)  # what was done, before what was not
            raise
    _show(done)


def _show(done: Pause) -> None:
    lines = [*change_lines(done.changes)]
    lines += [
        f"cannot be stopped: {each.kind}/{each.name} in {each.namespace}: {each.why}"
        for each in done.unstoppable
    ]
    emit(done, *map(escape, lines))
    if done.failed:
        raise OpsError(f"not everything could be done: {'; '.join(done.failed)}")


def _unstuck(done: Unsticking, *, dry_run: bool) -> list[str]:
    lines = [*change_lines(done.steps)]
    if done.left:
        still = "has" if dry_run else "still has"
        lines.append(f"restart these pods, each {still} the fault:")
        lines += [f"  {each.target}  {each.message}".rstrip() for each in done.left]
    return lines


def _tables(found: ChaosOverview) -> list[RenderableType]:
    schedules = [
        (
            each.name,
            each.namespace,
            each.type,
            "has run" if each.has_run else "paused" if each.paused else "active",
            each.next_firing,
            f"{each.record.by}: {each.record.reason}" if each.record else None,
        )
        for each in found.schedules
    ]
    workflows = [
        (each.name, each.namespace, each.phase, each.schedule, each.started)
        for each in found.workflows
    ]
    experiments = [
        (
            f"{each.kind}/{each.name}",
            each.namespace,
            each.phase,
            each.schedule or each.workflow,
            " ".join(each.faulty),
            each.stuck,
        )
        for each in found.experiments
    ]
    parts = (
        (("SCHEDULE", "NAMESPACE", "STARTS", "STATE", "NEXT", "PAUSED BY"), schedules),
        (("WORKFLOW", "NAMESPACE", "PHASE", "SCHEDULE", "STARTED"), workflows),
        (("EXPERIMENT", "NAMESPACE", "PHASE", "STARTED BY", "STILL IN", "STUCK"), experiments),
    )
    shown: list[RenderableType] = [table(columns, rows) for columns, rows in parts if rows]
    if found.stopped:
        shown.append(escape(f"new ones are refused ({found.stopped.by}: {found.stopped.reason})"))
    return shown or ["no Schedule, no Workflow, no experiment"]
