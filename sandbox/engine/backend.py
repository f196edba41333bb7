"""Reads the engine's file backend: which stacks there are, who holds a lock, what was cut short.

Only reads; every change goes through the CLI.
"""

import json
from dataclasses import dataclass
from pathlib import Path

ORGANIZATION = "organization"
"""The file backend has just this one."""


@dataclass(frozen=True)
class Backend:
    """The folder behind a `file://` backend, for one project."""

    folder: Path
    """Where the backend's URL points."""
    project: str
    """Name of the project."""

    @property
    def url(self) -> str:
        """What the engine is told."""
        return self.folder.as_uri()

    def has_stack(self, stack: str) -> bool:
        """Whether the stack has been created."""
        return self._state(stack).exists()

    def lock_holders(self, stack: str) -> list[int]:
        """Return the processes whose locks lie there, alive or not."""
        locks = self.folder / ".pulumi" / "locks" / ORGANIZATION / self.project / stack
        return [int(json.loads(lock.read_bytes())["pid"]) for lock in sorted(locks.glob("*.json"))]

    def has_pending_creates(self, stack: str) -> bool:
        """Whether there is anything whose creation began and was never seen to end."""
        if not self.has_stack(stack):
            return False
        latest = json.loads(self._state(stack).read_bytes())["checkpoint"].get("latest") or {}
        operations = latest.get("pending_operations") or []
        return any(operation["type"] == "creating" for operation in operations)

    def _state(self, stack: str) -> Path:
        return self.folder / ".pulumi" / "stacks" / self.project / f"{stack}.json"


def is_running_engine(pid: int) -> bool:
    """Whether a lock's process is still there, and still what it was."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return b"pulumi" in command.split(b"\0")[0]
