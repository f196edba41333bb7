"""Stopping Flux from changing an object for a while, and letting it go on.

A suspension says on the object who wanted it, why and until when. Nothing runs meanwhile: who calls
`resume_expired` from time to time (a cron job, `gitops resume --expired`) ends those whose time is
up, and the status shows them until somebody does.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from ops.cluster import Cluster, Object, connect
from ops.cluster.changes import Change, Patch, edit
from ops.cluster.objects import lookup
from ops.errors import UsageError
from ops.gitops.reconciliation import Reconciled, await_answer, new_token
from ops.gitops.state import is_static
from ops.gitops.status import NAMESPACE, find_target, get_gitops_status
from ops.records import noted, record_on
from ops.waiting import Report, silent
from vocabulary.labels import RECONCILE_REQUEST, SUSPENSION


def suspend(
    target: str,
    *,
    reason: str,
    duration: timedelta | None = None,
    namespace: str = NAMESPACE,
    dry_run: bool = False,
    cluster: Cluster | None = None,
) -> Change:
    """Stop Flux from changing what an object applies.

    Without a duration until somebody resumes it; without a cluster in the kubeconfig's.

    Raises:
        UsageError: when no reason is given, or hardly any time.
    """
    cluster = cluster or connect()
    ref = find_target(cluster, target, namespace)
    record = noted(cluster, reason, duration)

    def decide(item: Object) -> Patch:
        if is_static(item):
            raise UsageError(f"suspending {ref} would change nothing: nothing reconciles it")
        return {
            "metadata": {"annotations": {SUSPENSION: record.text()}},
            "spec": {"suspend": True},
        }

    return edit(cluster, ref, decide, dry_run=dry_run)


def resume(
    target: str,
    *,
    namespace: str = NAMESPACE,
    wait: bool = False,
    timeout: timedelta | None = None,
    dry_run: bool = False,
    cluster: Cluster | None = None,
    report: Report = silent,
) -> Reconciled:
    """Let Flux go on with an object, at once; the action is `none` if it never stopped.

    With `wait` it returns when Flux has reconciled it; without a timeout the object's own counts.

    Raises:
        UnhealthyError: when it was reconciled, and failed.
        OverdueError: when it was not in time.
    """
    cluster = cluster or connect()
    ref, token = find_target(cluster, target, namespace), new_token()
    change = edit(cluster, ref, lambda item: _resumption(item, token), dry_run=dry_run)
    if not wait or not change.applied:
        return Reconciled(change=change, handled=False)
    return await_answer(cluster, ref, change, token, timeout=timeout, report=report)


def resume_expired(
    *,
    namespace: str | None = None,
    dry_run: bool = False,
    cluster: Cluster | None = None,
    now: datetime | None = None,
) -> list[Change]:
    """End every suspension whose time is up; a suspension prolonged meanwhile is left alone."""
    cluster = cluster or connect()
    moment = now or datetime.now(UTC)

    def decide(item: Object) -> Patch | None:
        record = record_on(item, SUSPENSION)
        overdue = record is not None and record.is_overdue(moment)
        return _resumption(item, new_token()) if overdue else None

    overdue = get_gitops_status(cluster, namespace=namespace).overdue
    found = [find_target(cluster, each.title, each.namespace) for each in overdue]
    return [edit(cluster, ref, decide, dry_run=dry_run) for ref in found]


def _resumption(item: Object, token: str) -> dict[str, Any] | None:
    if not lookup(item, "spec", "suspend"):
        return None
    # Asking for a reconciliation as well: otherwise it comes with the next interval.
    return {
        "metadata": {"annotations": {SUSPENSION: None, RECONCILE_REQUEST: token}},
        "spec": {"suspend": None},
    }
