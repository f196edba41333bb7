"""Stopping experiments: Schedules, what they have started, and what stands alone.

Three different things have to happen. A Schedule is paused: it starts nothing, and Chaos Mesh
hands the pause on to the experiments that it has started (`controllers/schedule/pause`; a child
paused by itself would be un-paused by it). An experiment of its own is paused, which undoes the
fault. A Workflow does not listen to a pause: it is aborted, for good, and takes its experiments
with it. What is over once it has happened cannot be stopped at all, and is named.

What was stopped here carries a record: who, when and why. `ops.chaos.resuming` goes by it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Literal

from ops.chaos.mesh_fault import end
from ops.chaos.mesh_fault import running as mesh_faults
from ops.chaos.overview import chaos_kinds, find_chaos, get_overview
from ops.chaos.phases import is_one_shot
from ops.chaos.state import (
    WORKFLOW_LABEL,
    Experiment,
    is_experiment,
    is_paused,
    is_under_way,
    is_workflow,
    phase,
)
from ops.chaos.stop import keep_out
from ops.cluster import Cluster, Namespaced, Object, Ref, separate
from ops.cluster.changes import Change, Patch, edit
from ops.cluster.objects import labels, lookup, owner
from ops.documents import Document
from ops.errors import NotFoundError, OpsError, UsageError
from ops.records import Record, noted, record_on
from ops.waiting import Report, wait_until
from vocabulary.kinds import SCHEDULE, WORKFLOW
from vocabulary.labels import CHAOS_ABORT, CHAOS_MANAGED_BY, CHAOS_PAUSE, PAUSE


class Unstoppable(Namespaced):
    """Something that cannot be stopped."""

    why: str
    """Why not."""


class Pause(Document):
    """What came of stopping experiments, or of letting them go on."""

    document: Literal["chaos-pause/1"] = "chaos-pause/1"
    """Name and version of this document."""

    changes: tuple[Change, ...]
    """What was done, in that order."""

    unstoppable: tuple[Unstoppable, ...] = ()
    """What cannot be stopped."""

    failed: tuple[str, ...] = ()
    """What could not be done, and why; the same command tries it again."""


def pause(
    cluster: Cluster,
    targets: Sequence[str],
    *,
    namespace: str,
    reason: str,
    duration: timedelta | None = None,
    dry_run: bool = False,
) -> Pause:
    """Stop some Schedules, experiments or Workflows.

    After the duration `resume --expired` lets go on what is over. When one of them cannot be
    stopped, nothing is changed.
    """
    items = [cluster.get(*find_chaos(cluster, text, namespace)) for text in targets]
    if impossible := list(_unstoppable(items)):
        why = "; ".join(f"{each.kind}/{each.name}: {each.why}" for each in impossible)
        raise UsageError(f"cannot be paused: {why}")
    for item in items:
        if is_experiment(item["kind"]) and (parent := _parent(item)):
            raise UsageError(f"{Ref.of(item)} belongs to {parent}, which decides; pause that")
    stop = _stopper(cluster, noted(cluster, reason, duration), dry_run=dry_run)
    changes = [stop(item) for item in items]
    # Looked up only now: nothing has started in between.
    changes += [stop(run) for item in items for run in _runs(cluster, item)]
    return Pause(changes=tuple(changes))


def pause_all(
    cluster: Cluster,
    *,
    namespace: str | None = None,
    reason: str,
    duration: timedelta | None = None,
    dry_run: bool = False,
) -> Pause:
    """Stop everything, and name what cannot be stopped.

    First new ones are kept out, if all namespaces are meant. Then come Schedules; what runs is
    looked up only then, so that nothing starts in between.
    """
    record = noted(cluster, reason, duration)
    stop = _stopper(cluster, record, dry_run=dry_run)
    kinds = chaos_kinds(cluster)
    changes: list[Change] = []
    failed: list[str] = []
    if namespace is None:
        try:
            changes.append(keep_out(cluster, record, dry_run=dry_run))
        except OpsError as error:
            failed.append(f"keeping new experiments out: {error}")

    def each_of(items: Iterable[Object], do: Callable[[Object], Change]) -> None:
        for item in items:
            try:
                changes.append(do(item))
            except OpsError as error:  # one that resists must not save the others
                failed.append(f"{Ref.of(item)}: {error}")

    def found(*, starters: bool) -> list[Object]:
        wanted = [kind for kind in kinds if (kind.kind == SCHEDULE.kind) is starters]
        items, errors = separate(cluster.list_many(wanted, namespace=namespace))
        failed.extend(errors)
        return items

    each_of(found(starters=True), stop)
    each_of(mesh_faults(cluster, namespace), lambda job: end(cluster, job, dry_run=dry_run))
    running = [item for item in found(starters=False) if is_under_way(item)]
    impossible = tuple(_unstoppable(running))
    each_of((item for item in running if is_workflow(item["kind"])), stop)
    alone = (item for item in running if is_experiment(item["kind"]) and not _parent(item))
    each_of((item for item in alone if not is_one_shot(item)), stop)
    return Pause(changes=tuple(changes), unstoppable=impossible, failed=tuple(failed))


def wait_until_recovered(
    cluster: Cluster,
    stopped: Sequence[Change],
    *,
    namespace: str | None,
    timeout: timedelta,
    report: Report,
) -> None:
    """Wait until no pod has a fault any more that comes from what was stopped.

    Raises:
        OverdueError: when some still have one.
    """
    named = {(each.kind, each.namespace, each.name) for each in stopped}

    def concerns(each: Experiment) -> bool:
        makers = ((each.kind, each.name), ("Schedule", each.schedule), ("Workflow", each.workflow))
        return any((kind, each.namespace, name) in named for kind, name in makers)

    def look() -> str | None:
        found = get_overview(cluster, namespace=namespace).experiments
        still = [each for each in found if each.faulty and not each.one_shot and concerns(each)]
        if not still:
            return None
        where = "; ".join(f"{each.ref}: {', '.join(each.faulty)}" for each in still)
        return f"faults are still in pods: {where}"

    wait_until(look, timeout=timeout, report=report)


def _stopper(cluster: Cluster, record: Record, *, dry_run: bool) -> Callable[[Object], Change]:
    def decide(item: Object) -> Patch | None:
        if is_workflow(item["kind"]):
            what, goes_on = CHAOS_ABORT, is_under_way(item)
        else:
            what, goes_on = CHAOS_PAUSE, not is_paused(item)  # whoever has paused it lets it go on
        wanted = {"metadata": {"annotations": {what: "true", PAUSE: record.text()}}}
        return wanted if goes_on else None

    def stop(item: Object) -> Change:
        ref = Ref.of(item)
        try:
            done = edit(cluster, ref, decide, dry_run=dry_run)
        except NotFoundError:
            return Change.of(ref, action="none", note="it is gone")
        return done.noting("" if done.action == "patch" else _why_not(item))

    return stop


def _runs(cluster: Cluster, schedule: Object) -> Iterator[Object]:
    """The Workflows of a Schedule that are under way; its pause does not reach them."""
    if lookup(schedule, "spec", "type") == WORKFLOW.kind:
        ref = Ref.of(schedule)
        started = {CHAOS_MANAGED_BY: ref.name}
        runs = cluster.list_all(WORKFLOW, namespace=ref.namespace, labels=started)
        yield from filter(is_under_way, runs)


def _why_not(item: Object) -> str:
    if is_workflow(item["kind"]):
        return f"it is {phase(item)}"
    return f"it was paused before ({record_on(item, PAUSE) or 'by hand or by the stack'})"


def _unstoppable(items: Iterable[Object]) -> Iterator[Unstoppable]:
    for item in items:
        if is_experiment(item["kind"]) and is_one_shot(item):
            action = lookup(item, "spec", "action")
            why = f"{action} has happened or happens at once; there is nothing to undo"
            yield Unstoppable.of(Ref.of(item), why=why)


def _parent(item: Object) -> str | None:
    """What decides about an experiment: the Schedule or the Workflow that started it."""
    if name := owner(item, SCHEDULE.kind):
        return f"Schedule/{name}"
    name = labels(item).get(WORKFLOW_LABEL)
    return f"Workflow/{name}" if name else None
