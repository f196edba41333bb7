"""The identity of a process, safe against recycled process ids.

A process id alone may belong to somebody else a moment later. Together with the start time and
the boot it started in, it names one process for ever.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STAT_STATE = 0
_STAT_START_TIME = 19
_POLL_SECONDS = 0.02


class ProcessIdentity(BaseModel):
    """One process of one boot of this machine."""

    model_config = ConfigDict(frozen=True)

    pid: int
    """Process id."""
    start_ticks: int
    """Start time in clock ticks since boot, field 22 of /proc/PID/stat."""
    boot_id: str
    """Random id of the boot, since ticks start anew with each."""

    @classmethod
    def of(cls, pid: int) -> Self:
        """Identify a running process; raises ProcessLookupError when there is none."""
        fields = _stat(pid)
        if fields is None:
            raise ProcessLookupError(pid)
        return cls(pid=pid, start_ticks=int(fields[_STAT_START_TIME]), boot_id=_boot_id())

    @classmethod
    def with_arguments(cls, arguments: Sequence[str]) -> Iterator[Self]:
        """Find the processes that were given just these arguments, whatever the program."""
        wanted = [os.fsencode(argument) for argument in arguments]
        return cls._where(
            lambda process: (process / "cmdline").read_bytes().split(b"\0")[1:-1] == wanted
        )

    @classmethod
    def running(cls, program: Path) -> Iterator[Self]:
        """Find the processes that run a program."""
        return cls._where(lambda process: (process / "exe").readlink() == program)

    @classmethod
    def _where(cls, condition: Callable[[Path], bool]) -> Iterator[Self]:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if condition(process):
                    yield cls.of(int(process.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue  # it has ended meanwhile, or is somebody else's

    @property
    def alive(self) -> bool:
        """Whether exactly this process still runs (a zombie does not)."""
        fields = _stat(self.pid)
        return (
            fields is not None
            and fields[_STAT_STATE] != "Z"
            and int(fields[_STAT_START_TIME]) == self.start_ticks
            and _boot_id() == self.boot_id
        )

    def send(self, signal_number: signal.Signals) -> None:
        """Signal this process; does nothing when it is gone."""
        if self.alive:
            try:
                os.kill(self.pid, signal_number)
            except ProcessLookupError:
                return

    def wait(self, seconds: float) -> bool:
        """Wait until the process is gone; False when it still runs after that time."""
        deadline = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def stop(self, grace_seconds: float) -> None:
        """End the process: TERM, and KILL when it has not gone after the grace period."""
        self.send(signal.SIGTERM)
        if not self.wait(grace_seconds):
            self.send(signal.SIGKILL)
            self.wait(grace_seconds)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat that follow the command name."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def _boot_id() -> str:
    return _BOOT_ID.read_text(encoding="ascii").strip()
