"""How far an experiment is, whether it can be paused at all, and whether it is stuck. Pure.

The phases are Chaos Mesh's own (`pkg/status`), and so is what cannot be paused: a one-shot fault
stays in its running phase whatever it is told (`controllers/common/desiredphase`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from ops.cluster.objects import Object, is_true, lookup, parse_time
from vocabulary.timing.duration import parse_duration

Phase = Literal["injecting", "running", "paused", "finished", "deleting"]

NOT_INJECTED = "Not Injected"

ONE_SHOT = {
    ("PodChaos", "pod-kill"),
    ("PodChaos", "container-kill"),
    ("AWSChaos", "ec2-restart"),
    ("AzureChaos", "vm-restart"),
    ("GCPChaos", "node-reset"),
}
"""Kind and action of faults that are over once they have happened (`+chaos-mesh:oneshot`)."""

STUCK_AFTER: Mapping[Phase, timedelta] = {
    "deleting": timedelta(minutes=10),
    "injecting": timedelta(minutes=5),
}
"""How long a phase may last; the alert rules wait as long."""

OVERRUN = timedelta(minutes=5)
"""How long after its time a fault may still be in a pod."""


def records_of(item: Object) -> Sequence[Mapping[str, Any]]:
    """What Chaos Mesh has written down of each target of an experiment."""
    return lookup(item, "status", "experiment", "containerRecords") or ()


def faulty(item: Object) -> list[Mapping[str, Any]]:
    """The records of those that still have the fault."""
    return [each for each in records_of(item) if each.get("phase") != NOT_INJECTED]


def is_one_shot(item: Object) -> bool:
    """Whether a pause would do nothing to it."""
    return (item["kind"], lookup(item, "spec", "action")) in ONE_SHOT


def phase_of(item: Object, now: datetime) -> Phase:
    """Chaos Mesh's phase of an experiment."""
    if item["metadata"].get("deletionTimestamp"):
        return "deleting"
    if is_true(item, "Paused"):
        return "paused"
    if _is_finished(item, now):
        return "finished"
    injected = is_true(item, "Selected") and is_true(item, "AllInjected")
    return "running" if injected else "injecting"


def ends_at(item: Object) -> datetime | None:
    """When its time is up; None without a duration. Counted from creation, paused or not."""
    created = parse_time(item["metadata"].get("creationTimestamp"))
    try:
        duration = parse_duration(str(lookup(item, "spec", "duration") or ""))
    except ValueError:
        return None
    return created + duration if created else None


def _is_finished(item: Object, now: datetime) -> bool:
    if is_one_shot(item):
        return {each.get("phase") for each in records_of(item)} == {"Injected"}
    end = ends_at(item)
    stopped = lookup(item, "status", "experiment", "desiredPhase") != "Run"
    return stopped and not faulty(item) and end is not None and end < now


def stuck(item: Object, now: datetime) -> str:
    """Why an experiment counts as stuck; empty when it does not."""
    phase = phase_of(item, now)
    since = parse_time(
        item["metadata"].get("deletionTimestamp" if phase == "deleting" else "creationTimestamp")
    )
    limit = STUCK_AFTER.get(phase)
    if limit and since and now - since > limit:
        return f"{phase} for {(now - since) // timedelta(minutes=1)} minutes"
    end = ends_at(item)
    if phase in ("injecting", "running") and end and now - end > OVERRUN:
        return f"its time was up {(now - end) // timedelta(minutes=1)} minutes ago"
    return ""
