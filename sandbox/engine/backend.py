"""Reads the engine's file backend: which stacks there are, who holds a lock, what was cut short.

Only reads; every change goes through the CLI.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        return self.state(stack).exists()

    def lock_holders(self, stack: str) -> list[int | None]:
        """Return the processes whose locks lie there, alive or not; None for half a lock."""
        locks = self.folder / ".pulumi" / "locks" / ORGANIZATION / self.project / stack
        return [_holder(lock) for lock in sorted(locks.glob("*.json"))]

    def has_pending_creates(self, stack: str) -> bool:
        """Whether there is anything whose creation began and was never seen to end."""
        if not self.has_stack(stack):
            return False
        latest = _checkpoint(self.state(stack)).get("latest") or {}
        operations = latest.get("pending_operations") or []
        return any(operation["type"] == "creating" for operation in operations)

    def state(self, stack: str) -> Path:
        """Return the file with the stack's state."""
        return self.folder / ".pulumi" / "stacks" / self.project / f"{stack}.json"

    def backup(self, stack: str) -> Path:
        """Return the engine's copy of the state that it wrote before the last one."""
        state = self.state(stack)
        return state.with_name(f"{state.name}.bak")


def is_whole(state: Path) -> bool:
    """Whether a file holds a stack's state, and all of it."""
    try:
        _checkpoint(state)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return False
    return True


def _checkpoint(state: Path) -> dict[str, Any]:
    checkpoint: dict[str, Any] = json.loads(state.read_bytes())["checkpoint"]
    return checkpoint


def _holder(lock: Path) -> int | None:
    try:
        return int(json.loads(lock.read_bytes())["pid"])
    except (ValueError, TypeError, KeyError):
        return None


def is_running_engine(pid: int) -> bool:
    """Whether a lock's process is still there, and still what it was."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return b"pulumi" in command.split(b"\0")[0]
