"""What the supervisor is told about a service, and what it tells about it.

Both are plain data in files of the run folder: `services.json` is written before the supervisor
starts, `state.json` by the supervisor whenever something changes.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.files import write_atomically
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.probe import Probe


class Service(BaseModel):
    """One process to keep running."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Name in tables, and of the log file."""
    command: tuple[str, ...]
    """Program and arguments; no shell is involved."""
    environment: dict[str, str] = {}
    """The whole environment of the process: nothing is inherited."""
    ready: Probe
    """Says when the service can be used; later services wait for it."""
    only_while: Probe | None = None
    """The service runs only while this answers 200 and is stopped by a 404; None means always."""
    grace_seconds: float = 10.0
    """How long it may take to end after TERM before it is killed."""
    endpoint: str = ""
    """What people may want to reach, for the status table."""


class Phase(StrEnum):
    """Where a service is in its life."""

    WAITING = "waiting"
    """Not started: something it needs is not there yet."""
    STARTING = "starting"
    """Runs, has not answered its readiness probe."""
    READY = "ready"
    """Runs and has answered."""
    CRASHED = "crashed"
    """Ended by itself; will be started again."""
    FAILED = "failed"
    """Ended too often without ever getting ready; left alone."""


class Exit(BaseModel):
    """How a service ended when nobody had asked it to."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    """When it was noticed."""
    reason: str
    """For people: "killed by SIGKILL", "exit code 1"."""
    log_tail: str
    """The last lines it wrote."""


class ServiceState(BaseModel):
    """What the supervisor knows about a service."""

    name: str
    phase: Phase = Phase.WAITING
    process: ProcessIdentity | None = None
    """The running process, None when there is none."""
    endpoint: str = ""
    exits: int = 0
    """How often it ended by itself since the supervisor started."""
    last_exit: Exit | None = None


class _File(BaseModel):
    """What is kept in a file of the run folder."""

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read the file; None when there is none, or just a part of one."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, IsADirectoryError, ValidationError):
            return None


class GroupState(_File):
    """The supervisor and all its services."""

    supervisor: ProcessIdentity
    services: list[ServiceState]

    def write(self, path: Path) -> None:
        """Replace the file at once, so that no reader sees half of it."""
        write_atomically(path, self.model_dump_json(indent=2))


class ServiceList(_File):
    """The content of `services.json`."""

    services: list[Service]
    owner: ProcessIdentity | None = None
    """The supervisor ends when this process does; None lets it outlive its starter."""
