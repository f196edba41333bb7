"""The engine's side of the conversation: starts the provider and sends it requests."""

import os
import subprocess
import sys
from concurrent import futures
from dataclasses import dataclass

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import wire
from sandbox.folder import CHECKOUT


def urn_of(token, name="thing"):
    return f"urn:pulumi:test::project::{token}::{name}"


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """Keeps the messages that the provider wants shown."""

    def __init__(self):
        self.messages = []
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def Log(self, request, context):  # noqa: N802 - the protocol names the method
        if request.message:
            self.messages.append(request.message)
        return Empty()


@dataclass
class OperationError(Exception):
    """The provider's answer was an error."""

    message: str
    detail: pb.ErrorResourceInitFailed | None = None

    def __str__(self):
        return self.message


@dataclass
class Provider:
    """One provider process, spoken to in plain values."""

    engine: FakeEngine
    process: subprocess.Popen
    stub: provider_pb2_grpc.ResourceProviderStub
    seed: bytes = b"seed"

    @classmethod
    def start(cls, environment=None, cwd=None):
        engine = FakeEngine()
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "sandbox.engine.kubernetes", engine.address],
            stdout=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)} | (environment or {}),
        )
        port = int(process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        return cls(engine, process, provider_pb2_grpc.ResourceProviderStub(channel))

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()
        self.engine.server.stop(None)

    def configure(self, **arguments):
        return self.stub.Configure(
            pb.ConfigureRequest(
                variables={f"kubernetes:config:{key}": text for key, text in arguments.items()},
                acceptSecrets=True,
            )
        )

    def check(self, token, inputs, old=None, name="thing", **options):
        request = pb.CheckRequest(
            urn=urn_of(token, name),
            news=wire.encode(inputs),
            olds=wire.encode(old or {}),
            randomSeed=self.seed,
            **options,
        )
        answer = _call(self.stub.Check, request)
        assert not answer.failures, answer.failures
        return wire.decode(answer.inputs)

    def create(self, token, inputs, *, preview=False, timeout=0.0, name="thing"):
        request = pb.CreateRequest(
            urn=urn_of(token, name),
            properties=wire.encode(inputs),
            preview=preview,
            timeout=timeout,
        )
        answer = _call(self.stub.Create, request)
        return answer.id, wire.decode(answer.properties)

    def check_failures(self, token, inputs):
        request = pb.CheckRequest(urn=urn_of(token), news=wire.encode(inputs))
        return [failure.reason for failure in _call(self.stub.Check, request).failures]

    def diff(self, token, identifier, state, inputs, ignore=()):
        request = pb.DiffRequest(
            urn=urn_of(token),
            id=identifier,
            olds=wire.encode(state),
            news=wire.encode(inputs),
            ignoreChanges=ignore,
        )
        return _call(self.stub.Diff, request)

    def update(self, token, identifier, state, inputs, *, preview=False, ignore=(), timeout=0.0):
        request = pb.UpdateRequest(
            urn=urn_of(token),
            id=identifier,
            olds=wire.encode(state),
            news=wire.encode(inputs),
            preview=preview,
            ignoreChanges=ignore,
            timeout=timeout,
        )
        return wire.decode(_call(self.stub.Update, request).properties)

    def read(self, token, identifier, state=None, inputs=None):
        request = pb.ReadRequest(
            urn=urn_of(token),
            id=identifier,
            properties=wire.encode(state or {}),
            inputs=wire.encode(inputs or {}),
        )
        answer = _call(self.stub.Read, request)
        return answer.id, wire.decode(answer.properties), wire.decode(answer.inputs)

    def delete(self, token, identifier, state, timeout=0.0):
        request = pb.DeleteRequest(
            urn=urn_of(token), id=identifier, properties=wire.encode(state), timeout=timeout
        )
        _call(self.stub.Delete, request)

    def cancel(self):
        self.stub.Cancel(Empty())


def _call(method, request):
    try:
        return method(request)
    except grpc.RpcError as error:
        raise OperationError(error.details(), _detail(error)) from None


def _detail(error):
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            detail = pb.ErrorResourceInitFailed()
            assert status.details[0].Unpack(detail)
            return detail
    return None
