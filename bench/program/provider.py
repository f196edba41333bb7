"""A provider that agrees to everything at once; the engine starts it as the Kubernetes plugin.

It keeps nothing, so only previews of new stacks make sense with it.
"""

# ruff: noqa: N802 - the protocol names the methods

import importlib.metadata
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

CALLS_AT_ONCE = 16


class Agreeable(provider_pb2_grpc.ResourceProviderServicer):
    """Finds all inputs right and all objects as planned."""

    def GetPluginInfo(
        self, _request: Empty, _context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """Claim to be the plugin that the SDK asks for."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi-kubernetes"))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept the provider's settings."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(
        self, _request: provider_pb2.ConfigureRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Behave like the Kubernetes plugin where the engine asks."""
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True
        )

    def Check(
        self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept the inputs as they are."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(
        self, request: provider_pb2.CreateRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Plan the object as it was given."""
        return provider_pb2.CreateResponse(properties=request.properties)

    def Cancel(self, _request: Empty, _context: grpc.ServicerContext) -> Empty:
        """Have nothing to stop."""
        return Empty()


def main() -> None:
    """Serve until the engine is done."""
    server = grpc.server(ThreadPoolExecutor(max_workers=CALLS_AT_ONCE))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Agreeable(), server)
    sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
    sys.stdout.flush()
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
