"""A DaemonSet is ready when every node that shall run it runs the newest version."""

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.objects import Object


class DaemonSetReadiness:
    """Knows when a DaemonSet has rolled out."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = directives.DEFAULT_TIMEOUT_SECONDS

    def __init__(self, _wait: Wait) -> None:
        """DaemonSets tell everything in their own status."""

    def examine(self, live: Object) -> Progress:
        """Say how many nodes are still missing."""
        status = live.get("status") or {}
        current = status.get("observedGeneration") == objects.lookup(live, "metadata", "generation")
        wanted = status.get("desiredNumberScheduled", 0)
        updated = wanted
        if objects.lookup(live, "spec", "updateStrategy", "type") != "OnDelete":
            updated = status.get("updatedNumberScheduled", 0)
        available = status.get("numberAvailable", 0)
        done = bool(current and updated >= wanted and available >= wanted)
        status_line = f"Waiting for DaemonSet to roll out ({available}/{wanted} Pods available)"
        return Progress(ready=done, status=status_line, problems=[] if done else [status_line])
