"""A StatefulSet is ready when every replica is of the newest revision and ready."""

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.objects import Object


class StatefulSetReadiness:
    """Knows when a StatefulSet has rolled out."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = directives.DEFAULT_TIMEOUT_SECONDS

    def __init__(self, _wait: Wait) -> None:
        """StatefulSets tell everything in their own status."""

    def examine(self, live: Object) -> Progress:
        """Say how many replicas are still missing."""
        status = live.get("status") or {}
        wanted = objects.lookup(live, "spec", "replicas")
        wanted = 1 if wanted is None else wanted
        current = status.get("observedGeneration") == objects.lookup(live, "metadata", "generation")
        ready = status.get("readyReplicas", 0)
        revised = status.get("currentRevision") == status.get("updateRevision")
        problem = f"{ready} out of {wanted} replicas succeeded readiness checks"
        done = bool(current and revised and ready >= wanted)
        return Progress(
            ready=done,
            status=f"Waiting for StatefulSet to roll out ({ready}/{wanted} Pods ready)",
            problems=[] if done else [problem],
        )
