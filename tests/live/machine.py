"""What of this machine a sandbox might change: compared before and after."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.node.cgroups import Cgroups

_SYSCTLS = Path("/proc/sys")
_OF_THE_MOMENT = (
    "fs/dentry-state",
    "fs/file-nr",
    "fs/inode-nr",
    "fs/inode-state",
    "fs/quota",
    "kernel/ns_last_pid",
    "kernel/pty/nr",
    "kernel/random",
    "net/netfilter/nf_conntrack_count",
    "vm/stat_refresh",
)
"""Values that change all the time by themselves."""
_OTHERS = "brisa-node-"
"""Cgroups of sandboxes that run beside, which are nobody's business here."""


@dataclass(frozen=True)
class Machine:
    """One look at this machine."""

    mounts: frozenset[str]
    links: frozenset[str]
    routes: str
    sysctls: dict[str, str]
    cgroups: frozenset[str]

    @classmethod
    def look(cls, own: str) -> "Machine":
        """Look at everything; `own` is the name of the cgroups that the sandbox may have."""
        return cls(
            mounts=frozenset(_mounts()),
            links=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
            routes=_run("ip", "route", "show", "table", "all") + _run("ip", "rule"),
            sysctls=dict(_sysctls()),
            cgroups=frozenset(_cgroups(own)),
        )


def _mounts() -> Iterator[str]:
    """Mount points with what is mounted there; their numbers may differ."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        yield line.split(maxsplit=3)[3]


def _sysctls() -> Iterator[tuple[str, str]]:
    for path in _SYSCTLS.rglob("*"):
        name = str(path.relative_to(_SYSCTLS))
        if path.is_file() and not name.startswith(_OF_THE_MOMENT):
            try:
                yield name, path.read_text(errors="replace")
            except OSError:  # may only be written
                continue


def _cgroups(own: str) -> Iterator[str]:
    for hierarchy in Cgroups.of_this_machine().hierarchies:
        for path in hierarchy.iterdir():
            if path.is_dir() and (path.name == own or not path.name.startswith(_OTHERS)):
                yield str(path)


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
