"""The provider as the engine talks to it: one gRPC service, one process per provider instance.

Owns the translation between requests and operations, and between errors and gRPC statuses. What
the operations do is in the modules named after them.
"""

# ruff: noqa: N802, ARG002 - the protocol names the methods and gives them all the same arguments

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NoReturn, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import (
    check,
    create,
    delete,
    diff,
    options,
    providerconfig,
    read,
    tokens,
    update,
    wire,
)
from sandbox.engine.kubernetes.enginelog import EngineLog
from sandbox.engine.kubernetes.errors import PartialFailureError, ProviderError
from sandbox.engine.kubernetes.helm import release
from sandbox.engine.kubernetes.instance import Instance, configure

VERSION: Final = "4.34.2"
"""The version of the official plugin whose behaviour this is."""

T = TypeVar("T")

_MAX_THREADS: Final = 256
"""The engine's own limit of parallel operations is lower; most of them only wait."""
_MAX_MESSAGE_BYTES: Final = 1024 * 1024 * 400
"""The engine's own limit."""


class KubernetesProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves resources of one API server."""

    def __init__(self, engine_address: str, cancelled: threading.Event) -> None:
        """Prepare a provider; the engine configures it later.

        Args:
            engine_address: Where messages to the user go; empty if an engine attaches later.
            cancelled: Ends every wait when it is set.
        """
        self._log = EngineLog(engine_address)
        self._cancelled = cancelled
        self._instance: Instance | None = None

    @property
    def _configured(self) -> Instance:
        if self._instance is None:
            raise ProviderError("the provider was used before it was configured")
        return self._instance

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(
        self, request: pb.GetSchemaRequest, context: grpc.ServicerContext
    ) -> pb.GetSchemaResponse:
        """Tell the package's name; the Python SDK brings its own types."""
        return pb.GetSchemaResponse(
            schema=json.dumps({"name": "kubernetes", "version": VERSION, "resources": {}})
        )

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> Empty:
        """Take messages to an engine that found this process already running."""
        self._log.attach(request.address)
        return Empty()

    def CheckConfig(
        self, request: pb.CheckRequest, context: grpc.ServicerContext
    ) -> pb.CheckResponse:
        """Check the provider's own arguments."""
        return _answer(context, lambda: providerconfig.check(request))

    def DiffConfig(self, request: pb.DiffRequest, context: grpc.ServicerContext) -> pb.DiffResponse:
        """Compare the provider's own arguments."""
        return _answer(context, lambda: providerconfig.diff(request))

    def Configure(
        self, request: pb.ConfigureRequest, context: grpc.ServicerContext
    ) -> pb.ConfigureResponse:
        """Connect to the API server."""

        def connect() -> pb.ConfigureResponse:
            self._instance = configure(options.read(request.variables), self._log, self._cancelled)
            return pb.ConfigureResponse(
                acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
            )

        return _answer(context, connect)

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckResponse:
        """Check a resource's inputs."""
        operation = release.check if tokens.is_release(request.urn) else check.check
        return _answer(context, lambda: operation(self._configured, request))

    def Diff(self, request: pb.DiffRequest, context: grpc.ServicerContext) -> pb.DiffResponse:
        """Compare a resource's state with its new inputs."""
        operation = release.diff if tokens.is_release(request.urn) else diff.diff
        return _answer(context, lambda: operation(self._configured, request))

    def Create(self, request: pb.CreateRequest, context: grpc.ServicerContext) -> pb.CreateResponse:
        """Make a resource."""
        operation = release.create if tokens.is_release(request.urn) else create.create
        return _answer(context, lambda: operation(self._configured, request))

    def Read(self, request: pb.ReadRequest, context: grpc.ServicerContext) -> pb.ReadResponse:
        """Read a resource."""
        operation = release.read_release if tokens.is_release(request.urn) else read.read
        return _answer(context, lambda: operation(self._configured, request))

    def Update(self, request: pb.UpdateRequest, context: grpc.ServicerContext) -> pb.UpdateResponse:
        """Change a resource."""
        operation = release.update if tokens.is_release(request.urn) else update.update
        return _answer(context, lambda: operation(self._configured, request))

    def Delete(self, request: pb.DeleteRequest, context: grpc.ServicerContext) -> Empty:
        """Remove a resource."""
        operation = release.delete if tokens.is_release(request.urn) else delete.delete

        def remove() -> Empty:
            operation(self._configured, request)
            return Empty()

        return _answer(context, remove)

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """End every wait."""
        self._cancelled.set()
        return Empty()


def _answer(context: grpc.ServicerContext, operation: Callable[[], T]) -> T:
    """Run an operation and turn its failure into what the engine understands."""
    try:
        return operation()
    except PartialFailureError as error:
        _abort(context, str(error), _initialization_failure(error))
    except ProviderError as error:
        _abort(context, str(error), None)


def _abort(
    context: grpc.ServicerContext, message: str, detail: pb.ErrorResourceInitFailed | None
) -> NoReturn:
    if detail is not None:
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)
    raise AssertionError


def _initialization_failure(error: PartialFailureError) -> pb.ErrorResourceInitFailed:
    detail = pb.ErrorResourceInitFailed(
        id=error.identifier,
        properties=wire.encode(error.state),
        reasons=[str(error), *error.reasons],
    )
    if error.inputs is not None:
        detail.inputs.CopyFrom(wire.encode(error.inputs))
    return detail


def serve(engine_address: str, cancelled: threading.Event) -> tuple[grpc.Server, int]:
    """Start serving on a free loopback port and return server and port."""
    server = grpc.server(
        ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="operation"),
        options=[
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        KubernetesProvider(engine_address, cancelled), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port
