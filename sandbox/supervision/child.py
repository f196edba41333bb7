"""One child process of the supervisor: started so that it never outlives it."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Self

from sandbox import linux
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import Service

TAIL_LINES = 20
_TAIL_BYTES = 16_384


class Child:
    """A started service."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, log_start: int) -> None:
        self._process = process
        self._log = log
        self._log_start = log_start
        self.identity = ProcessIdentity.of(process.pid)

    @classmethod
    def start(cls, service: Service, *, log: Path, folder: Path) -> Self:
        """Start the command of a service; its output is appended to the log."""
        parent = os.getpid()

        def die_with_parent() -> None:
            # The kernel kills the child when the supervisor ends, even by SIGKILL. The supervisor
            # has one thread, so that running Python between fork and exec is safe.
            linux.die_with_parent()
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            if os.getppid() != parent:
                os._exit(1)

        with log.open("ab") as output:
            log_start = output.tell()
            process = subprocess.Popen(
                service.command,
                env=service.environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - single-threaded, see above
            )
        return cls(process, log, log_start)

    def exit_reason(self) -> str | None:
        """How the process ended, None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def log_tail(self) -> str:
        """The last lines this very process wrote."""
        return log_tail(self._log, since=self._log_start)

    def stop(self, grace_seconds: float) -> None:
        """End the process: TERM, and KILL when it has not gone after the grace period."""
        self._process.terminate()
        try:
            self._process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def log_tail(log: Path, *, since: int = 0) -> str:
    """The last lines of a log file, from an offset on."""
    try:
        with log.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(since, stream.tell() - _TAIL_BYTES))
            lines = stream.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-TAIL_LINES:])
