"""The processes the host has started: none of them may outlive it.

They stay in the host's process group, so that whatever the engine does to that group reaches them
too; this module is for the orderly way out.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE_SECONDS = 5.0


class Children:
    """Starts processes and ends those that still run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: str | Path,
        environment: Mapping[str, str],
        piped: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a process; its output goes where the host's goes, unless it is `piped`."""
        stream = subprocess.PIPE if piped else None
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )
        with self._lock:
            self._running = {child for child in self._running if child.poll() is None} | {process}
        return process

    def interrupt_all(self) -> None:
        """Ask every process to stop; returns at once."""
        for child in self._still_running():
            interrupt(child)

    def await_end(self) -> None:
        """Wait for processes that were asked to stop, then kill what is left."""
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._still_running():
            try:
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _still_running(self) -> list[subprocess.Popen[bytes]]:
        with self._lock:
            return [child for child in self._running if child.poll() is None]


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, and see to it that it does; returns at once."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    last_resort = threading.Timer(GRACE_SECONDS, process.kill)
    last_resort.daemon = True
    last_resort.start()
