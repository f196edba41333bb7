"""Apply now what is in Git, and wait until that has really happened.

Really: the controller has answered this very request (`lastHandledReconcileAt`), its Ready
condition speaks of the object's newest generation, and a Kustomization has applied the revision
that its source holds ready. Flux's controllers answer a request at the end of the reconciliation,
well or not (kustomize-controller, `finalizeStatus`), so an answer with Ready False is final, and
is not waited for until the time is up. Only what waits for a dependency has not failed: Flux tries
it again as soon as that is ready.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Literal

from ops.cluster import Cluster, Object, Ref, connect
from ops.cluster.changes import Change, Decision, edit
from ops.cluster.objects import annotations, condition, is_true, lookup
from ops.documents import Document, Part
from ops.errors import UnhealthyError, UsageError
from ops.gitops.state import is_static, patience, revision_of, standing
from ops.gitops.status import NAMESPACE, find_target, held_by
from ops.records import record_on
from ops.waiting import Report, silent, wait_until
from vocabulary.kinds import KUSTOMIZATION
from vocabulary.labels import RECONCILE_REQUEST, SUSPENSION


class Reconciled(Part):
    """One object that was asked to reconcile."""

    change: Change
    """The request."""

    handled: bool
    """Whether the controller has answered it; false where nobody waited."""

    revision: str = ""
    """What is applied now."""

    seconds: float = 0.0
    """How long that took."""


class Reconciliation(Document):
    """What came of a request to reconcile."""

    document: Literal["gitops-reconcile/1"] = "gitops-reconcile/1"
    """Name and version of this document."""

    objects: tuple[Reconciled, ...]
    """In the order in which they were asked: the source first."""


def trigger_reconciliation(
    target: str,
    *,
    namespace: str = NAMESPACE,
    with_source: bool = False,
    wait: bool = True,
    timeout: timedelta | None = None,
    dry_run: bool = False,
    cluster: Cluster | None = None,
    report: Report = silent,
) -> Reconciliation:
    """Ask Flux to reconcile an object now.

    `target` is `kind/name`, or the name of a Kustomization. `with_source` first has its source look
    for something newer. Without a timeout each object's own counts.

    Raises:
        UsageError: when the object is suspended, or nothing reconciles it.
        UnhealthyError: when it was done and failed.
        OverdueError: when no answer came in time.
    """
    cluster = cluster or connect()
    ref = find_target(cluster, target, namespace)
    item = _reconcilable(cluster, ref)
    steps = [ref]
    if with_source:
        source = held_by(cluster, item)
        if source is None:
            raise UsageError(f"{ref} has no source; leave --with-source out")
        steps = [source, ref]
    done: list[Reconciled] = []
    for each in steps:
        _reconcilable(cluster, each)
        # Of a chart no revision of its source is applied, only a version.
        held = steps[0] if done and each.kind == KUSTOMIZATION.kind else None
        token = new_token()
        change = edit(cluster, each, _asking(token), dry_run=dry_run)
        if wait and not dry_run:
            done.append(
                await_answer(
                    cluster, each, change, token, source=held, timeout=timeout, report=report
                )
            )
        else:
            done.append(Reconciled(change=change, handled=False))
    return Reconciliation(objects=tuple(done))


def _asking(token: str) -> Decision:
    return lambda _item: {"metadata": {"annotations": {RECONCILE_REQUEST: token}}}


def new_token() -> str:
    """Value of a request; no two are equal."""
    return datetime.now(UTC).isoformat()


def await_answer(
    cluster: Cluster,
    ref: Ref,
    change: Change,
    token: str,
    *,
    source: Ref | None = None,
    timeout: timedelta | None,
    report: Report,
) -> Reconciled:
    """Wait until a request has been dealt with; without a timeout as long as the object's allows.

    With a source its newest revision must have been applied, too.

    Raises:
        UnhealthyError: when it has been, and failed.
        OverdueError: when no answer came in time.
    """
    started = time.monotonic()
    latest: Object = {}

    def look() -> str | None:
        latest.update(cluster.get(*ref))
        # The source may have found something newer meanwhile.
        return outcome(latest, token, revision_of(cluster.get(*source)) if source else "")

    wait_until(look, timeout=timeout or patience(cluster.get(*ref)), report=report)
    seconds = round(time.monotonic() - started, 1)
    return Reconciled(change=change, handled=True, revision=revision_of(latest), seconds=seconds)


def outcome(item: Object, token: str, wanted: str = "") -> str | None:
    """What is still missing until a request has been dealt with; None when nothing is.

    `wanted` is the revision that must have been applied; empty for any.

    Raises:
        UnhealthyError: when it has been dealt with, and failed.
    """
    name = Ref.of(item)
    handled = lookup(item, "status", "lastHandledReconcileAt")
    # Somebody may have asked again after us; the answer to that one is newer than ours.
    if handled not in (token, annotations(item).get(RECONCILE_REQUEST)):
        return f"{name}: the controller has not answered yet"
    what, message = standing(item)
    said = f"{condition(item, 'Ready').get('reason', 'no reason')}: {message}"
    if is_true(item, "Stalled"):
        raise UnhealthyError(f"{name} is stalled: {said}")
    if what == "failed" and condition(item, "Reconciling").get("reason") != "Progressing":
        raise UnhealthyError(f"{name} failed: {said}")
    if what != "ready":
        return f"{name}: {message if what == 'unseen' else said}"
    if wanted and revision_of(item) != wanted:
        return f"{name}: {wanted} is not applied yet"
    return None


def _reconcilable(cluster: Cluster, ref: Ref) -> Object:
    item = cluster.get(*ref)
    if is_static(item):
        raise UsageError(f"nothing reconciles {ref}: objects of this kind are read when needed")
    if lookup(item, "spec", "suspend"):
        record = record_on(item, SUSPENSION)
        who = f" by {record.by} ({record.reason})" if record else ""
        raise UsageError(f"{ref} is suspended{who}; resume it first")
    return item
