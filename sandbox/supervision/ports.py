"""Free loopback ports, remembered so that a restarted control plane is found where it was."""

import json
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sandbox.files import write_atomically

LOOPBACK = "127.0.0.1"


def choose_ports(names: Sequence[str], remembered: Path) -> dict[str, int]:
    """One free port per name; the remembered ones when all of them are still free."""
    previous = _read(remembered)
    if set(previous) == set(names) and all(_is_free(port) for port in previous.values()):
        return previous
    with ExitStack() as held:  # all are held at once, so that no two names get the same port
        sockets = [held.enter_context(socket.socket()) for _ in names]
        for listener in sockets:
            listener.bind((LOOPBACK, 0))
        ports = {
            name: int(listener.getsockname()[1])
            for name, listener in zip(names, sockets, strict=True)
        }
    write_atomically(remembered, json.dumps(ports))
    return ports


def _read(remembered: Path) -> dict[str, int]:
    try:
        return {str(name): int(port) for name, port in json.loads(remembered.read_text()).items()}
    except (FileNotFoundError, ValueError, AttributeError):  # half a file is as good as none
        return {}


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        # As the servers do: a port whose last connections linger in TIME_WAIT counts as free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
