"""A PersistentVolumeClaim is ready when it is bound, or when its class binds at first use only."""

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.errors import ApiError
from sandbox.engine.kubernetes.objects import Object


class ClaimReadiness:
    """Knows when a claim has its volume."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = 300.0

    def __init__(self, wait: Wait) -> None:
        self._cluster = wait.instance.cluster

    def examine(self, live: Object) -> Progress:
        """Say whether the claim is bound."""
        phase = objects.lookup(live, "status", "phase")
        wanted = "Pending" if self._binds_late(live) else "Bound"
        return Progress(ready=phase == wanted, status=f"Waiting for the claim to be {wanted}")

    def _binds_late(self, live: Object) -> bool:
        name = objects.lookup(live, "spec", "storageClassName")
        if not name:
            return False
        storage_class = {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
        }
        try:
            found = self._cluster.get(storage_class)
        except ApiError:
            return False
        return found.get("volumeBindingMode") == "WaitForFirstConsumer"
