"""Notices that the engine is gone, so that the host does not stay behind without one."""

import threading
from collections.abc import Callable

import grpc

HEALTH_CHECK = "/grpc.health.v1.Health/Check"
INTERVAL_SECONDS = 2.0
FAILURES_UNTIL_GONE = 2


def watch(engine_address: str, on_gone: Callable[[], object]) -> None:
    """Ask the engine now and then; call back once when it no longer answers."""
    threading.Thread(
        target=_poll, args=(engine_address, on_gone), name="engine watch", daemon=True
    ).start()


def _poll(engine_address: str, on_gone: Callable[[], object]) -> None:
    pause = threading.Event()
    failures = 0
    with grpc.insecure_channel(engine_address) as channel:
        check = channel.unary_unary(HEALTH_CHECK)
        while failures < FAILURES_UNTIL_GONE:
            pause.wait(INTERVAL_SECONDS)
            failures = 0 if _answers(check) else failures + 1
    on_gone()


def _answers(check: Callable[..., bytes]) -> bool:
    """Whether anything listens: an engine that cannot tell its health is alive all the same."""
    try:
        check(b"", timeout=INTERVAL_SECONDS)
    except grpc.RpcError as error:
        return bool(error.code() != grpc.StatusCode.UNAVAILABLE)
    return True
