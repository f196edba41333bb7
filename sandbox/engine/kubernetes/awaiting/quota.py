"""A ResourceQuota is ready when its controller has taken note of every limit."""

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.objects import Object


class QuotaReadiness:
    """Knows when a quota is in force."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = 60.0

    def __init__(self, _wait: Wait) -> None:
        """Quotas need nothing but themselves."""

    def examine(self, live: Object) -> Progress:
        """Say whether the status repeats the specification's limits."""
        wanted = objects.lookup(live, "spec", "hard")
        known = objects.lookup(live, "status", "hard")
        return Progress(ready=wanted == known, status="Waiting for the quota to be in force")
