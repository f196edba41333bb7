"""A provider that keeps objects as files; started by the engine in place of the Kubernetes plugin.

`hang-before` and `hang-after` in its folder make it stand still just before or just after it has
made an object, so that a test can kill the engine right there.
"""

# ruff: noqa: N802 - the protocol names the methods

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

FOLDER = Path(os.environ["OBJECTS"])


def path(identifier):
    return FOLDER / f"{identifier.replace('/', '_')}.json"


class Files(provider_pb2_grpc.ResourceProviderServicer):
    """As much of a provider as the engine needs."""

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="4.34.2")

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        return provider_pb2.DiffResponse()

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse()

    def Check(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request, context):
        changed = MessageToDict(request.news) != MessageToDict(request.old_inputs)
        return provider_pb2.DiffResponse(changes=2 if changed else 1)

    def Create(self, request, context):
        metadata = MessageToDict(request.properties)["metadata"]
        identifier = f"{metadata['namespace']}/{metadata['name']}"
        if path(identifier).exists():
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"{identifier} already exists")
        self._hang("before")
        path(identifier).write_text(json.dumps(MessageToDict(request.properties)))
        self._hang("after")
        return provider_pb2.CreateResponse(id=identifier, properties=request.properties)

    def Read(self, request, context):
        if not path(request.id).exists():
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id, properties=request.inputs, inputs=request.inputs
        )

    def Update(self, request, context):
        path(request.id).write_text(json.dumps(MessageToDict(request.news)))
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request, context):
        path(request.id).unlink()
        return Empty()

    def Cancel(self, request, context):
        return Empty()

    def _hang(self, when):
        while (FOLDER / f"hang-{when}").exists():
            (FOLDER / "hanging").touch()
            time.sleep(0.02)


server = grpc.server(ThreadPoolExecutor(max_workers=8))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(Files(), server)
sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
sys.stdout.flush()
server.start()
engine = os.getppid()
while os.getppid() == engine:  # a killed engine tells nobody
    time.sleep(0.2)
