"""The calls of the language host's protocol, without an engine."""

import os
import signal
import time

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2

from tests.sandbox.engine.language_host.conftest import program_info


@pytest.fixture
def program(tmp_path, monitor):
    """Write a program and return the request to run it."""

    def write(source, **fields):
        (tmp_path / "__main__.py").write_text(source)
        return language_pb2.RunRequest(
            info=program_info(tmp_path),
            pwd=str(tmp_path),
            project="demo",
            stack="dev",
            parallel=1,
            monitor_address=monitor,
            **fields,
        )

    return write


@pytest.fixture
def sleeper(program, tmp_path, host):
    """Start a program that would run for long; return the pending answer and its process."""

    def start(first=""):
        started = tmp_path / "started"
        source = (
            f"import os, pathlib, signal, time\n{first}\n"
            f"pathlib.Path({str(started)!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n"
        )
        running = host.Run.future(program(source))
        while not (started.exists() and started.read_text()):
            assert not running.done()
            time.sleep(0.02)
        return running, int(started.read_text())

    return start


def test_it_has_the_version_of_the_sdk(host):
    assert host.GetPluginInfo(Empty()).version == "3.259.0"


@pytest.mark.parametrize(
    "ending, response",
    [
        ("os._exit(0)", language_pb2.RunResponse()),
        ("os._exit(32)", language_pb2.RunResponse(bail=True)),
        (
            "os._exit(7)",
            language_pb2.RunResponse(error="program exited with non-zero exit code: 7"),
        ),
        (
            "os.kill(os.getpid(), 9)",
            language_pb2.RunResponse(error="program exited unexpectedly: Killed"),
        ),
    ],
)
def test_the_way_a_program_ends_is_the_answer(host, program, ending, response):
    assert host.Run(program(f"import os\n{ending}\n")) == response


def test_the_program_gets_arguments_and_marked_secrets(host, program, tmp_path):
    seen = tmp_path / "seen"
    source = (
        "import os, pathlib, sys\nfrom pulumi.runtime import is_config_secret\n"
        f"pathlib.Path({str(seen)!r}).write_text(repr((sys.argv, is_config_secret('demo:key'),\n"
        "    is_config_secret('demo:other'))))\n"
    )

    host.Run(
        program(
            source,
            args=["one", "two"],
            config={"demo:key": "v", "demo:other": "w"},
            configSecretKeys=["demo:key"],
        )
    )

    assert seen.read_text() == repr(([".", "one", "two"], True, False))


def test_cancel_stops_the_program(host, sleeper):
    running, _ = sleeper()

    host.Cancel(Empty())

    assert running.result().error == "program exited with non-zero exit code: 130"


def test_a_program_that_will_not_stop_is_killed(host, sleeper):
    running, _ = sleeper("signal.signal(signal.SIGINT, signal.SIG_IGN)")

    host.Cancel(Empty())

    assert running.result().error == "program exited unexpectedly: Killed"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_host_takes_its_programs_with_it(host_process, sleeper, stop):
    _, pid = sleeper()
    if stop is signal.SIGINT:
        os.kill(pid, stop)  # the engine interrupts the whole process group

    host_process.send_signal(stop)

    assert host_process.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_plugins_other_than_policy_packs_are_refused(host, tmp_path):
    request = language_pb2.RunPluginRequest(kind="resource", info=program_info(tmp_path))

    with pytest.raises(grpc.RpcError) as failure:
        next(host.RunPlugin(request))

    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "resource plugins" in failure.value.details()


def test_a_pack_that_prints_before_its_port_is_told_so(host, tmp_path):
    (tmp_path / "__main__.py").write_text("print('good morning')\n")
    request = language_pb2.RunPluginRequest(
        kind="analyzer", args=["127.0.0.1:1"], info=program_info(tmp_path)
    )
    stream = host.RunPlugin(request)
    port = int(next(stream).stdout)

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        channel.unary_unary("/pulumirpc.Analyzer/ConfigureStack")(b"")
        with pytest.raises(grpc.RpcError) as failure:
            list(stream)

    assert (
        "must print nothing before its port, but printed 'good morning'" in failure.value.details()
    )
