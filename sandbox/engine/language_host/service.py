"""The engine's view of the language host: one method per call of the protocol.

Each is a thin translation between messages and the modules that do the work. What only `pulumi
about`, `new` and `install` ask for is left to the official host.
"""

# ruff: noqa: N802 - the protocol names the methods

import importlib.metadata
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from sandbox.engine.language_host.children import Children, interrupt
from sandbox.engine.language_host.interpreter import RuntimeOptionsError, resolve
from sandbox.engine.language_host.policy_pack import PolicyPackError, run_pack
from sandbox.engine.language_host.run_program import EXIT_ERROR_ALREADY_SHOWN
from sandbox.engine.language_host.streams import Stream

RUN_PROGRAM = Path(__file__).with_name("run_program.py")


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs and policy packs for one engine."""

    def __init__(self, engine_address: str, children: Children) -> None:
        self._engine_address = engine_address
        self._children = children

    def GetPluginInfo(
        self, _request: Empty, _context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        """Give the version of the SDK this host belongs to."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def Run(
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        """Run the program to its end; its output is this process's own."""
        with _reported(context):
            python = resolve(request.info, os.environ)
        try:
            process = self._children.start(
                [python.executable, "-u", str(RUN_PROGRAM), *self._program_arguments(request)],
                cwd=request.info.program_directory,
                environment={**python.environment, **_configuration(request)},
            )
        except OSError as error:
            reason = f"could not run language executor: {error.strerror}"
            return language_pb2.RunResponse(error=f"problem executing program ({reason})")
        context.add_callback(lambda: interrupt(process))
        return _outcome(process.wait())

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack until it ends or the engine hangs up."""
        if request.kind != "analyzer":
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"the sandbox's Python host runs policy packs, not {request.kind} plugins; "
                "use Pulumi's own language host",
            )
        with _reported(context):
            for event in run_pack(request, self._children, context.add_callback):
                if isinstance(event, int):
                    yield language_pb2.RunPluginResponse(exitcode=event)
                elif event.stream is Stream.STDOUT:
                    yield language_pb2.RunPluginResponse(stdout=event.data)
                else:
                    yield language_pb2.RunPluginResponse(stderr=event.data)

    def Cancel(self, _request: Empty, _context: grpc.ServicerContext) -> Empty:
        """Begin to stop everything that runs; the engine takes its side down meanwhile."""
        self._children.interrupt_all()
        return Empty()

    def _program_arguments(self, request: language_pb2.RunRequest) -> list[str]:
        options = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": json.dumps(request.dryRun),
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        given = [f"--{name}={value}" for name, value in options.items() if value]
        return [*given, request.info.entry_point or ".", *request.args]


def _configuration(request: language_pb2.RunRequest) -> dict[str, str]:
    return {
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def _outcome(exit_code: int) -> language_pb2.RunResponse:
    if exit_code == 0:
        return language_pb2.RunResponse()
    if exit_code == EXIT_ERROR_ALREADY_SHOWN:
        return language_pb2.RunResponse(bail=True)
    if exit_code < 0:
        return language_pb2.RunResponse(
            error=f"program exited unexpectedly: {signal.strsignal(-exit_code)}"
        )
    return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {exit_code}")


@contextmanager
def _reported(context: grpc.ServicerContext) -> Iterator[None]:
    """Answer what a user can mend with a status and its message, without a traceback."""
    try:
        yield
    except (RuntimeOptionsError, PolicyPackError) as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
