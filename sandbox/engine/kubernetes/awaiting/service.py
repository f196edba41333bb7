"""A Service is ready when its endpoints are worked out and it has an address if it needs one.

The endpoints must have stayed as they are for a while, because they come one by one; none at all
is an answer too. Services without a selector, headless ones and external names wait for nothing.
"""

import time
from typing import Final

from sandbox.engine.kubernetes import directives, objects
from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.errors import ApiError
from sandbox.engine.kubernetes.objects import Object

SETTLE_SECONDS: Final = 10.0
_NO_PODS: Final = (
    "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' "
    "may not match labels on any Pods"
)
_NO_ADDRESS: Final = (
    "Service was not allocated an IP address; does your cloud provider support this?"
)


class ServiceReadiness:
    """Knows when a Service can take traffic."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = directives.DEFAULT_TIMEOUT_SECONDS

    def __init__(self, wait: Wait) -> None:
        self._cluster = wait.instance.cluster
        self._seen = ""
        self._seen_at = 0.0

    def examine(self, live: Object) -> Progress:
        """Say what the Service still lacks."""
        spec = live.get("spec") or {}
        balanced = spec.get("type") == "LoadBalancer"
        addressed = not balanced or bool(objects.lookup(live, "status", "loadBalancer", "ingress"))
        if not _targets_pods(spec):
            return Progress(ready=addressed, problems=[] if addressed else [_NO_ADDRESS])
        targeted, settled = self._endpoints(live)
        problems = [] if targeted else [_NO_PODS]
        problems += [] if addressed else [_NO_ADDRESS]
        status = (
            "[2/3] Attempting to allocate IP address to Service"
            if targeted and settled
            else "[1/3] Finding Pods to direct traffic to"
        )
        return Progress(ready=targeted and settled and addressed, status=status, problems=problems)

    def _endpoints(self, live: Object) -> tuple[bool, bool]:
        """Return whether the endpoints controller has answered, and whether that has settled."""
        try:
            found = self._cluster.get(
                objects.identity(live) | {"apiVersion": "v1", "kind": "Endpoints"}
            )
        except ApiError as error:
            if error.not_found:
                return False, False
            raise
        version = found["metadata"]["resourceVersion"]
        now = time.monotonic()
        if version != self._seen:
            self._seen, self._seen_at = version, now
        return True, now - self._seen_at >= SETTLE_SECONDS


def _targets_pods(spec: Object) -> bool:
    return bool(spec.get("selector")) and not (
        spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName"
    )
