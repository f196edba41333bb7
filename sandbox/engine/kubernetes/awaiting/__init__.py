"""When is an object ready, and when is it gone?

``ready`` waits after creation and update, ``check`` looks once (for refresh), ``deleted`` waits
for the end. One module per kind knows what ready means; ``condition`` knows what users ask for by
annotation.
"""

from collections.abc import Callable
from typing import Final

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.awaiting.claim import ClaimReadiness
from sandbox.engine.kubernetes.awaiting.condition import requested
from sandbox.engine.kubernetes.awaiting.daemonset import DaemonSetReadiness
from sandbox.engine.kubernetes.awaiting.deployment import DeploymentReadiness
from sandbox.engine.kubernetes.awaiting.job import JobReadiness
from sandbox.engine.kubernetes.awaiting.quota import QuotaReadiness
from sandbox.engine.kubernetes.awaiting.service import ServiceReadiness
from sandbox.engine.kubernetes.awaiting.statefulset import StatefulSetReadiness
from sandbox.engine.kubernetes.awaiting.token import TokenReadiness
from sandbox.engine.kubernetes.awaiting.wait import (
    Readiness,
    Wait,
    not_initialized,
    until_deleted,
    until_ready,
)
from sandbox.engine.kubernetes.objects import Object

_BY_KIND: Final[dict[tuple[str, str], Callable[[Wait], Readiness]]] = {
    ("", "PersistentVolumeClaim"): ClaimReadiness,
    ("", "ResourceQuota"): QuotaReadiness,
    ("", "Secret"): TokenReadiness,
    ("", "Service"): ServiceReadiness,
    ("apps", "DaemonSet"): DaemonSetReadiness,
    ("apps", "Deployment"): DeploymentReadiness,
    ("apps", "StatefulSet"): StatefulSetReadiness,
    ("batch", "Job"): JobReadiness,
}
_CHECKED_ON_READ: Final = frozenset(
    {
        ("", "Service"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)

_SKIPS_AWAIT_ON_DELETE: Final = frozenset(
    {
        ("", "Namespace"),
        ("", "Pod"),
        ("", "ReplicationController"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("batch", "Job"),
    }
)


def ready(wait: Wait, live: Object) -> Object:
    """Wait until an object is ready and return its last live version.

    Raises:
        InitializationError: It did not become ready.
    """
    if wait.is_skipped:
        return live
    readiness = requested(live) or _of_kind(wait, live)
    return until_ready(wait, readiness, live) if readiness else live


def check(wait: Wait, live: Object) -> None:
    """Look once whether an object is ready, for the kinds whose refresh tells.

    Raises:
        InitializationError: It is not.
    """
    kind = objects.gvk(live)
    if wait.is_skipped or (kind.group, kind.kind) not in _CHECKED_ON_READ:
        return
    readiness = _of_kind(wait, live)
    progress = readiness.examine(live) if readiness else None
    if progress and not progress.ready:
        raise not_initialized(live, progress)


def deleted(wait: Wait, live: Object) -> None:
    """Wait until an object is gone.

    Raises:
        InitializationError: It is still there.
    """
    kind = objects.gvk(live)
    if wait.is_skipped and (kind.group, kind.kind) in _SKIPS_AWAIT_ON_DELETE:
        return
    until_deleted(wait, live)


def _of_kind(wait: Wait, live: Object) -> Readiness | None:
    kind = objects.gvk(live)
    make = _BY_KIND.get((kind.group, kind.kind))
    return make(wait) if make else None


__all__ = ["Wait", "check", "deleted", "ready"]
