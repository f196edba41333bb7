"""A Secret for a service account's token is ready when the token is in it; others are at once."""

from sandbox.engine.kubernetes.awaiting.wait import Progress, Wait
from sandbox.engine.kubernetes.objects import Object


class TokenReadiness:
    """Knows when a Secret has what it is for."""

    timeout_message = "'{name}' timed out waiting to be Ready"
    default_seconds = 5.0

    def __init__(self, _wait: Wait) -> None:
        """Secrets need nothing but themselves."""

    def examine(self, live: Object) -> Progress:
        """Say whether the token controller has filled the Secret."""
        waits = live.get("type") == "kubernetes.io/service-account-token"
        return Progress(
            ready=not waits or bool(live.get("data")), status="Waiting for the token to be issued"
        )
