"""Stands between the engine and a policy pack, so that the pack starts with the stack's settings.

`pulumi.policy` reads project, stack and configuration from its environment, but the engine sends
them as a call. So the proxy answers first, waits for that call, and only then is the pack started;
from there on every call is passed through untouched.
"""

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self

import grpc
from pulumi.runtime.proto import analyzer_pb2

SERVICE = "/pulumirpc.Analyzer/"
MESSAGE_LIMIT = 1024 * 1024 * 400
CHANNEL_OPTIONS = [("grpc.max_receive_message_length", MESSAGE_LIMIT)]

Call = Callable[[bytes, grpc.ServicerContext], bytes]


class PackGoneError(Exception):
    """There is no policy pack to talk to, and there will be none."""


class PolicyProxy:
    """Serves the analyzer protocol on a free loopback port."""

    def __init__(self) -> None:
        self._settings: Future[analyzer_pb2.AnalyzerStackConfigureRequest | None] = Future()
        self._pack: Future[grpc.Channel] = Future()
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(max_workers=32), options=CHANNEL_OPTIONS)
        self._server.add_generic_rpc_handlers((self,))
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        """Where the engine finds the pack."""

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.give_up("it has ended")
        if not self._pack.exception():
            self._pack.result().close()
        self._server.stop(grace=None)

    def await_environment(self) -> dict[str, str]:
        """Wait for the engine's first call; return the variables to start the pack with."""
        settings = self._settings.result()
        return {} if settings is None else environment(settings)

    def attach(self, port: int) -> None:
        """Pass calls on to the pack that listens on this port."""
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        settings = self._settings.result()
        if settings is not None:
            _configure(channel, settings)
        self._pack.set_result(channel)

    def give_up(self, reason: str) -> None:
        """Let everyone who waits know that there will be no pack."""
        with self._lock:
            if not self._settings.done():
                self._settings.set_exception(PackGoneError(reason))
            if not self._pack.done():
                self._pack.set_exception(PackGoneError(reason))

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Return how a call is answered: two here, all others by the pack."""
        method = handler_call_details.method
        own: Mapping[str, Call] = {
            f"{SERVICE}Handshake": lambda _request, _context: b"",
            f"{SERVICE}ConfigureStack": self._configure_stack,
        }
        return grpc.unary_unary_rpc_method_handler(own.get(method) or self._passed_on(method))

    def _configure_stack(self, request: bytes, _context: grpc.ServicerContext) -> bytes:
        self._settle(analyzer_pb2.AnalyzerStackConfigureRequest.FromString(request))
        return b""

    def _passed_on(self, method: str) -> Call:
        def forward(request: bytes, context: grpc.ServicerContext) -> bytes:
            self._settle(None)  # `policy publish` and `policy analyze` never send the settings
            try:
                reply: bytes = self._pack.result().unary_unary(method)(request)
            except PackGoneError as error:
                context.abort(grpc.StatusCode.UNKNOWN, f"the policy pack cannot be asked: {error}")
            except grpc.RpcError as error:
                context.set_trailing_metadata(error.trailing_metadata() or ())
                context.abort(error.code(), error.details())
            return reply

        return forward

    def _settle(self, settings: analyzer_pb2.AnalyzerStackConfigureRequest | None) -> None:
        with self._lock:
            if not self._settings.done():
                self._settings.set_result(settings)


def environment(settings: analyzer_pb2.AnalyzerStackConfigureRequest) -> dict[str, str]:
    """Return the variables in which `pulumi.policy` looks for the stack's settings."""
    variables = {
        "PULUMI_ORGANIZATION": settings.organization,
        "PULUMI_PROJECT": settings.project,
        "PULUMI_STACK": settings.stack,
        "PULUMI_DRY_RUN": json.dumps(settings.dry_run),
        "PULUMI_CONFIG": json.dumps(dict(settings.config)) if settings.config else "",
    }
    return {name: value for name, value in variables.items() if value}


def _configure(channel: grpc.Channel, settings: analyzer_pb2.AnalyzerStackConfigureRequest) -> None:
    try:
        channel.unary_unary(f"{SERVICE}ConfigureStack")(settings.SerializeToString())
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNIMPLEMENTED:  # older packs know only the environment
            raise
