"""Runs a policy pack: the proxy first, then the pack's process, then both until the pack ends."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping

from pulumi.runtime.proto import language_pb2

from sandbox.engine.language_host.children import Children, interrupt
from sandbox.engine.language_host.interpreter import resolve
from sandbox.engine.language_host.policy_proxy import PackGoneError, PolicyProxy
from sandbox.engine.language_host.streams import Chunk, Stream, stream


class PolicyPackError(Exception):
    """The policy pack did not start the way policy packs do."""


def run_pack(
    request: language_pb2.RunPluginRequest,
    children: Children,
    on_hang_up: Callable[[Callable[[], None]], object],
) -> Iterator[Chunk | int]:
    """Yield what the engine is to read from the pack, and its exit code at the end.

    `on_hang_up` registers what is to happen when the engine is done with the pack.
    """
    with PolicyProxy() as proxy:
        on_hang_up(lambda: proxy.give_up("the engine has hung up"))
        yield Chunk(Stream.STDOUT, f"{proxy.port}\n".encode())
        try:
            settings = proxy.await_environment()
        except PackGoneError:
            return
        process = _start(request, children, settings)
        on_hang_up(lambda: interrupt(process))
        yield from _attached(stream(process), proxy)
        yield process.wait()


def _attached(chunks: Iterator[Chunk], proxy: PolicyProxy) -> Iterator[Chunk]:
    """Attach the proxy to the port that is the pack's first line; pass on all the rest."""
    first_line = bytearray()
    for chunk in chunks:
        if chunk.stream is Stream.STDERR:
            yield chunk
            continue
        first_line += chunk.data
        if b"\n" not in first_line:
            continue
        port, _, rest = bytes(first_line).partition(b"\n")
        if not port.strip().isdigit():
            raise PolicyPackError(
                "the policy pack must print nothing before its port, but printed "
                f"{port.decode(errors='replace')!r}"
            )
        proxy.attach(int(port))
        yield Chunk(Stream.STDOUT, rest)
        break
    yield from chunks


def _start(
    request: language_pb2.RunPluginRequest, children: Children, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    given = dict(variable.split("=", 1) for variable in request.env)
    python = resolve(request.info, {**(given or os.environ), **settings})
    pack = request.info.program_directory
    # -u: the pack prints its port without flushing it.
    command = [python.executable, "-u", "-m", "pulumi.policy", *request.args, pack]
    try:
        return children.start(command, cwd=pack, environment=python.environment, piped=True)
    except OSError as error:  # above all: a configuration too large for an environment variable
        raise PolicyPackError(f"the policy pack could not be started: {error.strerror}") from None
