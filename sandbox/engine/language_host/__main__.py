"""Entry point: serve on a free loopback port, print the port, stay until the engine is done.

The kernel signals the end of the engine; see `sandbox.engine.plugins`.
"""

import argparse
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from sandbox.engine.language_host.children import Children
from sandbox.engine.language_host.service import LanguageHost

MESSAGE_LIMIT = 400 * 1024 * 1024
"""As in the engine: a stack's configuration or its resources may be large."""
INTERRUPTED = bytes([signal.SIGINT])
MAX_CALLS = 32
"""Calls at once; every running program and policy pack keeps one busy."""


def parse_arguments() -> argparse.Namespace:
    """Read what the engine passes; the flags it may add are for other hosts' logging."""
    parser = argparse.ArgumentParser(prog="pulumi-language-python", description=__doc__)
    parser.add_argument("--logtostderr", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("-v", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--tracing", help=argparse.SUPPRESS)
    parser.add_argument("engine_address", nargs="?", default="", help="host:port of the engine")
    return parser.parse_args()


def signal_pipe() -> int:
    """Turn the signals that end this process into bytes to be read from a pipe.

    Waiting for a byte works whichever thread the system hands a signal to.
    """
    ending, reasons = os.pipe()
    os.set_blocking(reasons, False)
    signal.set_wakeup_fd(reasons)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return ending


def main() -> None:
    """Run the language host."""
    engine_address: str = parse_arguments().engine_address
    children = Children()
    ending = signal_pipe()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=MAX_CALLS),
        options=[("grpc.max_receive_message_length", MESSAGE_LIMIT)],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(
        LanguageHost(engine_address, children), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    if os.read(ending, 1) != INTERRUPTED:  # an interrupt reaches the whole process group
        children.interrupt_all()
    children.await_end()
    os._exit(0)  # calls that still wait for the engine would hold up an orderly exit


if __name__ == "__main__":
    main()
