"""Letting experiments go on that were paused with `ops`, and no others.

Nothing without our record is touched, and nothing whose pause somebody else has meanwhile taken
over: the stack does so when its kill switch is thrown, and then the pause is the stack's.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ops.chaos.overview import chaos_kinds, find_chaos
from ops.chaos.pausing import Pause
from ops.chaos.state import is_paused, is_workflow
from ops.chaos.stop import let_in
from ops.cluster import Cluster, Object, Ref, separate
from ops.cluster.api import MANAGER
from ops.cluster.changes import Change, Patch, edit
from ops.cluster.objects import annotations, lookup, owning
from ops.errors import UsageError
from ops.records import record_on
from vocabulary.kinds import SCHEDULE
from vocabulary.labels import CHAOS_PAUSE, PAUSE


def resume(
    cluster: Cluster,
    targets: Sequence[str] | None = None,
    *,
    namespace: str | None = None,
    expired: bool = False,
    dry_run: bool = False,
) -> Pause:
    """Let go on what was paused here.

    Without targets all, everywhere without a namespace; `expired`: of all, those whose time is up.
    """
    failed: tuple[str, ...] = ()
    changes: list[Change] = []
    if targets is None:
        now = datetime.now(UTC)
        if namespace is None and (
            opened := let_in(cluster, expired=now if expired else None, dry_run=dry_run)
        ):
            changes.append(opened)
        items, failed = separate(cluster.list_many(chaos_kinds(cluster), namespace=namespace))
        found = [
            Ref.of(item)
            for item in items
            if PAUSE in annotations(item)
            and not is_workflow(item["kind"])
            and (not expired or is_expired(item, now))
        ]
    elif namespace is None:
        raise UsageError("say in which namespace they are: -n NAMESPACE")
    else:
        found = [find_chaos(cluster, text, namespace) for text in targets]
    changes += [_resume(cluster, ref, dry_run=dry_run) for ref in found]
    return Pause(changes=tuple(changes), failed=failed)


def is_expired(item: Object, now: datetime) -> bool:
    """Whether the time is up for which something was paused."""
    record = record_on(item, PAUSE)
    return record is not None and record.is_overdue(now)


def _resume(cluster: Cluster, ref: Ref, *, dry_run: bool) -> Change:
    notes: list[str] = []

    def decide(item: Object) -> Patch | None:
        notes[:] = list(_obstacles(item))
        if notes:
            return None
        if is_paused(item) and _makes_up(item):
            notes.append("it has no startingDeadlineSeconds: a run it missed starts at once")
        return {"metadata": {"annotations": {CHAOS_PAUSE: None, PAUSE: None}}}

    return edit(cluster, ref, decide, dry_run=dry_run).noting("; ".join(notes))


def _obstacles(item: Object) -> Iterator[str]:
    if is_workflow(item["kind"]):
        yield "a Workflow that was aborted does not go on; its Schedule starts the next"
    elif PAUSE not in annotations(item):
        yield (
            "it was not paused with ops; whoever did lets it go on (the stack: paused, killSwitch)"
            if is_paused(item)
            else "it is not paused"
        )
    elif is_paused(item) and not _is_ours(item):
        yield "the stack has taken the pause over; set paused or killSwitch to false, pulumi up"


def _is_ours(item: Object) -> bool:
    """Whether nobody but us has set the pause, by the record of who owns what.

    A stack that sets the value which is there already owns it as well.
    """
    owners = owning(item, "metadata", "annotations", CHAOS_PAUSE)
    return {each.get("manager") for each in owners} == {MANAGER}


def _makes_up(item: Object) -> bool:
    return item["kind"] == SCHEDULE.kind and not lookup(item, "spec", "startingDeadlineSeconds")
