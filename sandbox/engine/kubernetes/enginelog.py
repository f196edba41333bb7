"""Messages to the user, by way of the engine."""

import contextlib
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_TIMEOUT_SECONDS: Final = 10.0


class EngineLog:
    """Sends diagnostics about resources to the engine; losing one is no failure."""

    def __init__(self, address: str) -> None:
        """Prepare a connection to the engine.

        Args:
            address: ``host:port``; empty when the engine is not known yet (it attaches later).
        """
        self._engine: engine_pb2_grpc.EngineStub | None = None
        self._shown: set[str] = set()
        if address:
            self.attach(address)

    def attach(self, address: str) -> None:
        """Send to this engine from now on."""
        channel = grpc.insecure_channel(address)
        self._engine = engine_pb2_grpc.EngineStub(channel)

    def warning(self, urn: str, message: str) -> None:
        """Tell something that the user should act upon."""
        self._send(urn, message, engine_pb2.WARNING, passing=False)

    def info(self, urn: str, message: str) -> None:
        """Tell something worth keeping."""
        self._send(urn, message, engine_pb2.INFO, passing=False)

    def status(self, urn: str, message: str) -> None:
        """Show what is going on; the next message takes its place, an empty one ends it."""
        if message:
            self._shown.add(urn)
        elif urn not in self._shown:
            return
        else:
            self._shown.discard(urn)
        self._send(urn, message, engine_pb2.INFO, passing=True)

    def _send(
        self, urn: str, message: str, severity: engine_pb2.LogSeverity.ValueType, *, passing: bool
    ) -> None:
        if self._engine is None:
            return
        request = engine_pb2.LogRequest(
            severity=severity, message=message, urn=urn, ephemeral=passing
        )
        with contextlib.suppress(grpc.RpcError):
            self._engine.Log(request, timeout=_TIMEOUT_SECONDS)
