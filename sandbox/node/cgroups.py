"""The node's cgroups: the only thing on this machine that lies outside its namespaces.

With version 1 there is one hierarchy per controller, with version 2 a single one. In each the node
has one cgroup at the top: `system` below it holds its own processes, kubelet makes those of pods.
Whoever is in them belongs to the node, so they also say who is left of one that was killed.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_MOUNTED = Path("/sys/fs/cgroup")
_CONTROLLERS = "cgroup.controllers"
_DELEGATED = "cgroup.subtree_control"
_PROCESSES = "cgroup.procs"
_SYSTEM = "system"
_NEEDS_PROCESSORS = "cpuset"
"""A new cgroup of this controller has no processors, and takes no process until it has some."""
_THIS_PROCESS = "0"
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Cgroups:
    """Where cgroups are made on this machine."""

    hierarchies: tuple[Path, ...]

    @classmethod
    def of_this_machine(cls, mounted: Path = _MOUNTED) -> Self:
        """Find the hierarchies; none where nothing is mounted."""
        if not mounted.is_dir():
            return cls(())
        if (mounted / _CONTROLLERS).exists():
            return cls((mounted,))
        found = (path for path in mounted.iterdir() if path.is_dir() and not path.is_symlink())
        return cls(tuple(sorted(path for path in found if (path / _PROCESSES).exists())))

    @property
    def version(self) -> int:
        """1 also where a hierarchy of version 2 without controllers lies beside (hybrid)."""
        return 2 if any((path / _CONTROLLERS).exists() for path in self.hierarchies[:1]) else 1

    def folders(self, name: str) -> list[Path]:
        """Where the node's cgroups are."""
        return [hierarchy / name for hierarchy in self.hierarchies]

    def controllers(self, name: str) -> set[str]:
        """Which resources can be limited in cgroups that were created."""
        if self.version == 1:
            return {part for hierarchy in self.hierarchies for part in hierarchy.name.split(",")}
        # Not all that the machine has: its top cgroup may keep some from those below.
        return set((self.hierarchies[0] / name / _CONTROLLERS).read_text().split())

    def create(self, name: str) -> None:
        """Make the cgroups, ready for kubelet."""
        for own in self.folders(name):
            (own / _SYSTEM).mkdir(parents=True, exist_ok=True)
            if self.version == 2:  # noqa: PLR2004 - the version
                _delegate(own)

    def enter(self, name: str) -> None:
        """Move this process, and with it its children to come, into the node's own cgroup."""
        for hierarchy in self.hierarchies:
            if hierarchy.name != _NEEDS_PROCESSORS:
                (hierarchy / name / _SYSTEM / _PROCESSES).write_text(_THIS_PROCESS)

    def remove(self, name: str, *, seconds: float) -> bool:
        """End whoever is left in the cgroups and remove them; False when some stay."""
        deadline = time.monotonic() + seconds
        while self._left(name):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _left(self, name: str) -> list[Path]:
        """Try to remove each; those that somebody is still in."""
        return [own for own in self.folders(name) if not _remove(own)]

    def processes(self, name: str) -> set[int]:
        """Who is in the node's cgroups."""
        return {
            process
            for own in self.folders(name)
            for folder in _bottom_up(own)
            for process in _processes(folder)
        }


def _delegate(own: Path) -> None:
    """Version 2: let the children of a cgroup have every controller that it has itself."""
    controllers = (own / _CONTROLLERS).read_text().split()
    (own / _DELEGATED).write_text(" ".join(f"+{name}" for name in controllers))


def _remove(own: Path) -> bool:
    for folder in _bottom_up(own):
        for process in _processes(folder):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:  # somebody is still in it
            return False
    return True


def _bottom_up(own: Path) -> Iterator[Path]:
    for folder, _, _ in os.walk(own, topdown=False):
        yield Path(folder)


def _processes(folder: Path) -> list[int]:
    try:
        return [int(line) for line in (folder / _PROCESSES).read_text().split()]
    except OSError:  # it has just been removed
        return []
