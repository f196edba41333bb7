"""Getting rid of an experiment that does not end, one rung at a time.

1. Delete it, and wait: the controller undoes the fault and lets the object go.
2. Tell the controller to give up (`cleanFinalizer: forced`, heard only while the object is being
   deleted: `controllers/common/finalizers`). The object goes; **the fault stays where it is**.
3. Only with `force`, and only when no controller is there to listen: remove the finalizers.

After rungs 2 and 3 the pods that still had the fault are named: only restarting them removes it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from ops.chaos.overview import find_chaos
from ops.chaos.phases import faulty
from ops.chaos.state import is_experiment
from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change, Patch, edit
from ops.cluster.objects import is_ready
from ops.documents import Document, Part
from ops.errors import ClusterError, OverdueError, UnhealthyError
from ops.waiting import Report, wait_until
from vocabulary.kinds import POD
from vocabulary.labels import CHAOS_CLEAN_FINALIZER, PART_OF

CONTROLLER = {"app.kubernetes.io/component": "controller-manager"}
CHAOS_MESH = "chaos-mesh"
TIMEOUT = timedelta(minutes=2)
GIVE_UP: Patch = {"metadata": {"annotations": {CHAOS_CLEAN_FINALIZER: "forced"}}}
NO_FINALIZERS: Patch = {"metadata": {"finalizers": None}}


class Fault(Part):
    """A pod, or a container of it, with a fault that was not undone."""

    target: str
    """Namespace, pod and container: `shop/api-1/app`."""

    message: str
    """Why it could not be undone, as far as the controller says."""


class Unsticking(Document):
    """What came of getting rid of an experiment."""

    document: Literal["chaos-unstick/1"] = "chaos-unstick/1"
    """Name and version of this document."""

    gone: bool
    """Whether the object is gone."""

    steps: tuple[Change, ...]
    """What was done, rung by rung."""

    left: tuple[Fault, ...]
    """Where the fault still is: restart these pods."""


def unstick(
    cluster: Cluster,
    target: str,
    *,
    namespace: str,
    force: bool = False,
    timeout: timedelta = TIMEOUT,
    dry_run: bool = False,
    report: Report,
) -> Unsticking:
    """Get rid of an experiment.

    The timeout counts for each rung; `force` goes as far as removing the finalizers, where a
    controller does not give up or is gone. A dry run asks for the first step only.

    Raises:
        UnhealthyError: when it does not go, with what to do next.
    """
    ref = find_chaos(cluster, target, namespace)
    item = cluster.get(*ref)
    steps = [_delete(cluster, item, dry_run=dry_run)]
    if dry_run:
        return Unsticking(gone=False, steps=tuple(steps), left=tuple(faults(item)))
    if _goes(cluster, item, timeout, report):
        return Unsticking(gone=True, steps=tuple(steps), left=())
    item = cluster.get(*ref)
    left = tuple(faults(item))
    if not controllers(cluster):
        steps.append(_without_controller(cluster, ref, force=force))
    elif is_experiment(ref.kind):
        steps.append(edit(cluster, ref, lambda _: GIVE_UP))
    else:
        raise UnhealthyError(
            f"{ref} does not go, and Chaos Mesh can only be told to give up experiments; look at "
            "those that it started: chaos list"
        )
    gone = _goes(cluster, item, timeout, report)
    if not gone and force:
        steps.append(edit(cluster, ref, lambda _: NO_FINALIZERS))
        gone = _goes(cluster, item, timeout, report)
    if not gone:
        raise UnhealthyError(
            f"{ref} is still there although its controller was told to give up; its log says why: "
            "kubectl logs -n chaos-mesh -l app.kubernetes.io/component=controller-manager. --force "
            "removes the finalizers and leaves the fault in the pods"
        )
    return Unsticking(gone=True, steps=tuple(steps), left=left)


def faults(item: Object) -> list[Fault]:
    """Where the fault of an experiment still is, by its own records."""
    return [
        Fault(target=each.get("id", ""), message=_last_failure(each.get("events") or ()))
        for each in faulty(item)
    ]


def controllers(cluster: Cluster) -> int:
    """How many pods of Chaos Mesh's controller are ready."""
    pods = cluster.list_all(POD, labels={**CONTROLLER, PART_OF: CHAOS_MESH})
    return sum(map(is_ready, pods))


def _delete(cluster: Cluster, item: Object, *, dry_run: bool) -> Change:
    ref = Ref.of(item)
    if item["metadata"].get("deletionTimestamp"):
        return Change.of(ref, action="none", note="it is being deleted already")
    cluster.delete(item, dry_run=dry_run)
    return Change.of(ref, action="delete", applied=not dry_run)


def _goes(cluster: Cluster, item: Object, timeout: timedelta, report: Report) -> bool:
    ref = Ref.of(item)

    def look() -> str | None:
        now = cluster.one(*ref)
        if now is None or now["metadata"]["uid"] != item["metadata"]["uid"]:
            return None  # gone, or another one by the same name
        still = ", ".join(each.target for each in faults(now)) or "no pod by its records"
        return f"{ref} is still there; the fault is in: {still}"

    try:
        wait_until(look, timeout=timeout, report=report)
    except OverdueError:
        return False
    return True


def _without_controller(cluster: Cluster, ref: Ref, *, force: bool) -> Change:
    if not force:
        raise UnhealthyError(
            f"no controller of Chaos Mesh is ready, so nothing undoes {ref}; bring it back "
            "(kubectl get pods -n chaos-mesh, pulumi up) and run this again. If it will never come "
            "back, --force removes the finalizers and leaves the fault in the pods"
        )
    try:
        return edit(cluster, ref, lambda _: NO_FINALIZERS)
    except ClusterError as error:
        if "webhook" not in str(error):
            raise
        raise UnhealthyError(
            f"Chaos Mesh's webhook is still registered and nobody answers it, so {ref} cannot be "
            f"changed at all: {error}; bring the controller back, or uninstall Chaos Mesh first"
        ) from None


def _last_failure(events: Sequence[Mapping[str, Any]]) -> str:
    failed = [str(each.get("message", "")) for each in events if each.get("type") == "Failed"]
    return failed[-1] if failed else ""
