"""The proxy between the engine and a policy pack."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from sandbox.engine.language_host.policy_proxy import PackGoneError, PolicyProxy

SETTINGS = analyzer_pb2.AnalyzerStackConfigureRequest(
    organization="organization",
    project="demo",
    stack="dev",
    dry_run=True,
    config={"demo:colour": "blue"},
)


class Pack(analyzer_pb2_grpc.AnalyzerServicer):
    """A policy pack that remembers what it is told."""

    def __init__(self):
        self.settings = None

    def ConfigureStack(self, request, context):  # noqa: N802
        self.settings = request
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, request, context):  # noqa: N802
        return analyzer_pb2.AnalyzerInfo(name="demo")

    def Analyze(self, request, context):  # noqa: N802
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{request.name} is odd")


@pytest.fixture
def pack():
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    made = Pack()
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(made, server)
    made.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield made
    server.stop(None)


@pytest.fixture
def proxy():
    with PolicyProxy() as running:
        yield running


@pytest.fixture
def engine(proxy):
    with grpc.insecure_channel(f"127.0.0.1:{proxy.port}") as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)


def test_the_handshake_needs_no_pack(engine):
    reply = engine.Handshake(analyzer_pb2.AnalyzerHandshakeRequest())

    assert reply == analyzer_pb2.AnalyzerHandshakeResponse()


def test_the_stack_becomes_the_environment_of_the_pack(engine, proxy):
    engine.ConfigureStack(SETTINGS)

    assert proxy.await_environment() == {
        "PULUMI_ORGANIZATION": "organization",
        "PULUMI_PROJECT": "demo",
        "PULUMI_STACK": "dev",
        "PULUMI_DRY_RUN": "true",
        "PULUMI_CONFIG": '{"demo:colour": "blue"}',
    }


def test_without_a_stack_the_pack_starts_with_the_first_other_call(engine, proxy):
    call = engine.GetAnalyzerInfo.future(Empty())

    assert proxy.await_environment() == {}
    call.cancel()


def test_the_settings_and_all_calls_reach_the_pack(engine, proxy, pack):
    engine.ConfigureStack(SETTINGS)
    proxy.attach(pack.port)

    assert engine.GetAnalyzerInfo(Empty()).name == "demo"
    assert pack.settings == SETTINGS


def test_an_error_of_the_pack_is_passed_on_as_it_is(engine, proxy, pack):
    engine.ConfigureStack(SETTINGS)
    proxy.attach(pack.port)

    with pytest.raises(grpc.RpcError) as failure:
        engine.Analyze(analyzer_pb2.AnalyzeRequest(name="box"))

    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert failure.value.details() == "box is odd"


def test_calls_fail_when_there_will_be_no_pack(engine, proxy):
    waiting = engine.GetAnalyzerInfo.future(Empty())
    proxy.await_environment()

    proxy.give_up("it has ended")

    with pytest.raises(grpc.RpcError) as failure:
        waiting.result()
    assert failure.value.details() == "the policy pack cannot be asked: it has ended"


def test_an_engine_that_hangs_up_first_starts_no_pack(proxy):
    threading.Timer(0.01, proxy.give_up, ["the engine has hung up"]).start()

    with pytest.raises(PackGoneError):
        proxy.await_environment()
