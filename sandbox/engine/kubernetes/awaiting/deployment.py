"""A Deployment is ready when its newest ReplicaSet is complete and what it replaces is gone."""

from typing import Any, Final

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.awaiting.condition import find_condition
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.errors import ApiError
from sandbox.engine.kubernetes.objects import Object

_REVISION: Final = "deployment.kubernetes.io/revision"
_TOO_FEW: Final = "Minimum number of Pods to consider the application live was not attained"


class DeploymentReadiness:
    """Knows when a Deployment has rolled out."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = directives.DEFAULT_TIMEOUT_SECONDS

    def __init__(self, wait: Wait) -> None:
        self._cluster = wait.instance.cluster

    def examine(self, live: Object) -> Progress:
        """Say what the Deployment still lacks."""
        if not self._is_observed(live):
            return Progress(ready=False, status="Waiting for the Deployment controller")
        revision = objects.annotations(live).get(_REVISION, "")
        newest = self._replica_set(live, revision)
        available = _is_true(live, "Available")
        progressed = revision == "1" or _has_new_replica_set(live)
        rolled_out = newest is not None and _is_rolled_out(live, newest)
        unbound = self._unbound_claims(live)
        ready = available and progressed and rolled_out and not unbound
        if ready:
            return Progress(ready=True)
        problems = [*_condition_problems(live), *unbound]
        problems += [] if available and rolled_out else [_TOO_FEW]
        status = (
            "[1/2] Waiting for app ReplicaSet be available"
            if newest is None or not rolled_out
            else "[2/2] Waiting for the Deployment to become available"
        )
        return Progress(ready=False, status=status, problems=problems)

    @staticmethod
    def _is_observed(live: Object) -> bool:
        observed = objects.lookup(live, "status", "observedGeneration")
        return observed is not None and observed == objects.lookup(live, "metadata", "generation")

    def _replica_set(self, live: Object, revision: str) -> Object | None:
        uid = live["metadata"]["uid"]
        like: Object = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"namespace": objects.namespace(live)},
        }
        for candidate in self._cluster.items(like):
            owners = objects.lookup(candidate, "metadata", "ownerReferences") or []
            owned = any(owner.get("uid") == uid for owner in owners)
            if owned and objects.annotations(candidate).get(_REVISION) == revision:
                return candidate
        return None

    def _unbound_claims(self, live: Object) -> list[str]:
        volumes = objects.lookup(live, "spec", "template", "spec", "volumes") or []
        names = [objects.lookup(volume, "persistentVolumeClaim", "claimName") for volume in volumes]
        problems = []
        for name in filter(None, names):
            claim: Object = {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": name, "namespace": objects.namespace(live)},
            }
            try:
                phase = objects.lookup(self._cluster.get(claim), "status", "phase")
            except ApiError:
                phase = "missing"
            if phase != "Bound":
                problems.append(
                    f"PersistentVolumeClaim: [{name}] is not ready. status.phase {phase}"
                )
        return problems


def _is_true(live: Object, kind: str) -> bool:
    return (find_condition(live, kind) or {}).get("status") == "True"


def _has_new_replica_set(live: Object) -> bool:
    progressing = find_condition(live, "Progressing") or {}
    return (
        progressing.get("status") == "True"
        and progressing.get("reason") == "NewReplicaSetAvailable"
    )


def _is_rolled_out(live: Object, newest: Object) -> bool:
    status: dict[str, Any] = live.get("status") or {}
    wanted = objects.lookup(newest, "spec", "replicas")
    wanted = 1 if wanted is None else wanted
    ready = objects.lookup(newest, "status", "readyReplicas") or 0
    return bool(
        ready >= wanted
        and status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) <= wanted
        and not status.get("unavailableReplicas")
    )


def _condition_problems(live: Object) -> list[str]:
    problems = []
    for kind in ("Progressing", "Available"):
        condition = find_condition(live, kind) or {}
        if condition.get("status") == "False" and condition.get("reason"):
            problems.append(f"[{condition['reason']}] {condition.get('message', '')}")
    return problems
