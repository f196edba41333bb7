"""Stopping experiments: Schedules, what they have started, and what stands alone.

Three different things have to happen. A Schedule is paused: it starts nothing, and Chaos Mesh
hands the pause on to the experiments that it has started (`controllers/schedule/pause`; a child
paused by itself would be un-paused by it). An experiment of its own is paused, which undoes the
fault. A Workflow does not listen to a pause: it is aborted, for good, and takes its experiments
with it. What is over once it has happened cannot be stopped at all, and is named.

What was stopped here carries a record: who, when and why. `ops.chaos.resuming` goes by it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from ops.chaos.mesh_fault import end
from ops.chaos.mesh_fault import running as mesh_faults
from ops.chaos.overview import Item, chaos_kinds, find_chaos, list_items, overview_of
from ops.chaos.phases import is_one_shot, phase_of
from ops.chaos.state import (
    WORKFLOW_LABEL,
    Experiment,
    is_experiment,
    is_paused,
    is_workflow,
    workflow,
)
from ops.chaos.stop import keep_out
from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change, Patch, change, edit
from ops.cluster.objects import annotations, labels, lookup, owner
from ops.documents import Document, Part
from ops.errors import NotFoundError, OpsError, UsageError
from ops.records import SHORTEST, Record, myself, parse_record
from ops.waiting import Report, wait_until
from vocabulary.kinds import SCHEDULE, WORKFLOW
from vocabulary.labels import CHAOS_ABORT, CHAOS_MANAGED_BY, CHAOS_PAUSE, PAUSE


class Unstoppable(Part):
    """Something that cannot be stopped."""

    kind: str
    """Its kind."""

    namespace: str
    """Its namespace."""

    name: str
    """Its name."""

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

    After the duration `resume --expired` lets go on what is over.

    Raises:
        UsageError: when one of them cannot be stopped; nothing has been changed then.
    """
    items: list[Item] = []
    for text in targets:
        resource, ref = find_chaos(cluster, text, namespace)
        items.append((resource, cluster.get(resource, ref.namespace, ref.name)))
    if impossible := list(_unstoppable(items)):
        why = "; ".join(f"{each.kind}/{each.name}: {each.why}" for each in impossible)
        raise UsageError(f"cannot be paused: {why}")
    for _, item in items:
        if is_experiment(item["kind"]) and (parent := _parent(item)):
            raise UsageError(f"{Ref.of(item)} belongs to {parent}, which decides; pause that")
    stop = _stopper(cluster, _record(cluster, reason, duration), dry_run=dry_run)
    changes = [stop(item) for item in items]
    # Looked up only now: nothing has started in between.
    changes += [stop(run) for _, item in items for run in _runs(cluster, item)]
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
    record = _record(cluster, reason, duration)
    stop = _stopper(cluster, record, dry_run=dry_run)
    kinds = chaos_kinds(cluster)
    changes: list[Change] = []
    failed: list[str] = []
    if namespace is None:
        try:
            changes.append(keep_out(cluster, record, dry_run=dry_run))
        except OpsError as error:
            failed.append(f"keeping new experiments out: {error}")

    def stop_each(items: Iterable[Item]) -> None:
        for item in items:
            try:
                changes.append(stop(item))
            except OpsError as error:  # one that resists must not save the others
                failed.append(f"{Ref.of(item[1])}: {error}")

    starters, errors = list_items(cluster, [k for k in kinds if k.kind == SCHEDULE.kind], namespace)
    failed += errors
    stop_each(starters)
    for job in mesh_faults(cluster, namespace):
        try:
            changes.append(end(cluster, job, dry_run=dry_run))
        except OpsError as error:
            failed.append(f"{Ref.of(job)}: {error}")
    found, errors = list_items(cluster, [k for k in kinds if k.kind != SCHEDULE.kind], namespace)
    failed += errors
    running = [item for item in found if is_under_way(item[1])]
    impossible = tuple(_unstoppable(running))
    stop_each(item for item in running if is_workflow(item[0].kind))
    stop_each(
        item
        for item in running
        if is_experiment(item[0].kind) and not is_one_shot(item[1]) and not _parent(item[1])
    )
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
        overview = overview_of(cluster.list_many(chaos_kinds(cluster), namespace=namespace))
        still = [e for e in overview.experiments if e.faulty and not e.one_shot and concerns(e)]
        if not still:
            return None
        where = "; ".join(
            f"{each.kind}/{each.name} in {each.namespace}: {', '.join(each.faulty)}"
            for each in still
        )
        return f"faults are still in pods: {where}"

    wait_until(look, timeout=timeout, report=report)


def _record(cluster: Cluster, reason: str, duration: timedelta | None) -> Record:
    if duration is not None and duration < SHORTEST:
        raise UsageError("pause for at least 1m0s, or until somebody resumes by leaving it out")
    if not reason.strip():
        raise UsageError("say why: whoever finds it paused will want to know")
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + duration if duration else None
    return Record(by=myself(cluster), at=now, until=until, reason=reason.strip())


def _stopper(cluster: Cluster, record: Record, *, dry_run: bool) -> Callable[[Item], Change]:
    def decide(item: Object) -> Patch | None:
        if is_workflow(item["kind"]):
            if workflow(item).phase != "running":
                return None
            return {"metadata": {"annotations": {CHAOS_ABORT: "true", PAUSE: record.text()}}}
        if is_paused(item):
            return None  # whoever has paused it lets it go on
        return {"metadata": {"annotations": {CHAOS_PAUSE: "true", PAUSE: record.text()}}}

    def stop(found: Item) -> Change:
        resource, item = found
        ref = Ref.of(item)
        try:
            done = edit(cluster, resource, ref, decide, dry_run=dry_run)
        except NotFoundError:
            return change(ref, "none", note="it is gone")
        return done if done.action == "patch" else change(ref, "none", note=_why_not(item))

    return stop


def _runs(cluster: Cluster, schedule: Object) -> Iterator[Item]:
    """The Workflows of a Schedule that are under way; its pause does not reach them."""
    if lookup(schedule, "spec", "type") != WORKFLOW.kind:
        return
    ref, resource = Ref.of(schedule), cluster.catalogue.find(WORKFLOW)
    started = {CHAOS_MANAGED_BY: ref.name}
    for run in cluster.list_all(resource, namespace=ref.namespace, labels=started):
        if is_under_way(run):
            yield resource, run


def _why_not(item: Object) -> str:
    if is_workflow(item["kind"]):
        return f"it is {workflow(item).phase}"
    record = parse_record(annotations(item).get(PAUSE))
    who = f"{record.by}: {record.reason}" if record else "by hand or by the stack"
    return f"it was paused before ({who})"


def _unstoppable(items: Sequence[Item]) -> Iterator[Unstoppable]:
    for _, item in items:
        if is_experiment(item["kind"]) and is_one_shot(item):
            ref = Ref.of(item)
            action = lookup(item, "spec", "action")
            yield Unstoppable(
                kind=ref.kind,
                namespace=str(ref.namespace),
                name=ref.name,
                why=f"{action} has happened or happens at once; there is nothing to undo",
            )


def _parent(item: Object) -> str | None:
    """What decides about an experiment: the Schedule or the Workflow that started it."""
    if name := owner(item, SCHEDULE.kind):
        return None if is_workflow(item["kind"]) else f"Schedule/{name}"
    name = labels(item).get(WORKFLOW_LABEL)
    return f"Workflow/{name}" if name else None


def is_under_way(item: Object) -> bool:
    """Whether an experiment or a Workflow acts, or is about to."""
    if is_workflow(item["kind"]):
        return workflow(item).phase == "running"
    return phase_of(item, datetime.now(UTC)) in ("injecting", "running")
