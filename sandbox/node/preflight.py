"""What this machine can do, and what therefore runs: one table, asked before anything is changed.

The only place that says what a node and the faults in it need. What can be tried is tried, in
namespaces that end with the attempt.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from sandbox import debian
from sandbox.errors import PrerequisiteError
from sandbox.folder import CHECKOUT
from sandbox.node import capabilities as tried
from sandbox.node.cgroups import Cgroups
from sandbox.node.layout import NodeFolder
from sandbox.toolchain.cluster import RUNC
from sandbox.toolchain.go import Go, cache_folder
from sandbox.toolchain.locate import find

_KERNEL = (5, 13)
"""Kube-proxy's nftables mode needs it, and it has all else."""
_MEMORY_GIB, _DISK_GIB = 3, 6
_GIB = 1 << 30
_PROGRAMS = {"ip": "iproute2", "tc": "iproute2", "mount": "mount", "umount": "mount"}
"""What the node calls, with the Debian package that has it."""
_CAPABILITIES = {
    "CAP_SETPCAP": 8,
    "CAP_NET_ADMIN": 12,
    "CAP_SYS_CHROOT": 18,
    "CAP_SYS_PTRACE": 19,
    "CAP_SYS_ADMIN": 21,
    "CAP_MKNOD": 27,
}
_LONGEST_SOCKET = 107
"""What the kernel takes as the path of a Unix socket."""
_ATTEMPT_SECONDS = 60
_SYSTEM_PATH = ("/usr/sbin", "/sbin")

NODE = "node"
NETWORK_POLICIES = "network policies"
NETWORK_DELAYS = "network delays"
BANDWIDTH = "bandwidth limits"
PARTITIONS = "network partitions"

FEATURES: Mapping[str, str] = {
    NODE: "nothing runs in pods; `make up` stores and judges what the stack declares",
    NETWORK_POLICIES: "stored, not enforced",
    NETWORK_DELAYS: "experiments with delay, loss, duplicates or corruption fail to inject",
    BANDWIDTH: "experiments with bandwidth fail to inject",
    PARTITIONS: "experiments with partitions fail to inject",
}
"""What may run here, and what happens where it cannot."""


@dataclass(frozen=True)
class Check:
    """One thing this machine has or lacks."""

    name: str
    needed_for: str
    """One of `FEATURES`; whatever runs in the node also needs what the node does."""
    found: str
    """What there is, for people; where it fails, what is wrong."""
    remedy: str | None = None
    """What to do; None when it is all right."""

    @property
    def passed(self) -> bool:
        """Whether the feature can run as far as this goes."""
        return self.remedy is None


@dataclass(frozen=True)
class Preflight:
    """What was found on this machine."""

    checks: Sequence[Check]

    @cached_property
    def missing(self) -> dict[str, list[Check]]:
        """For every feature that cannot run, the checks that say why."""
        reasons: dict[str, list[Check]] = {}
        for feature in FEATURES:
            failed = [c for c in self.checks if not c.passed and c.needed_for in (NODE, feature)]
            if failed:
                reasons[feature] = failed
        return reasons

    def reason(self, feature: str) -> str | None:
        """Why a feature cannot run here, in one line; None when it can."""
        failed = self.missing.get(feature)
        return "; ".join(f"{c.name}: {c.found}" for c in failed) if failed else None

    def require_node(self) -> None:
        """Raise with everything that is missing when no node can run."""
        if NODE not in self.missing:
            return
        lines = [f"  {c.name}: {c.found}. {c.remedy}" for c in self.missing[NODE]]
        raise PrerequisiteError(
            "no node can run on this machine:\n"
            + "\n".join(lines)
            + "\nWithout one, `make up` brings up the control plane and the engine: "
            "the stack's objects are stored and judged, nothing of it runs."
        )


def examine(folder: Path) -> Preflight:
    """Look at this machine, for a sandbox in that folder."""
    place = _existing(folder)
    checks = [_kernel(), _root(), _rights(), _seccomp(), _memory(), _disk(place)]
    checks += [_program(name, package) for name, package in _PROGRAMS.items()]
    checks += [_packages(), _compiler(), _socket(folder)]
    return Preflight([*checks, *_attempts(place)])


def _attempts(place: Path) -> list[Check]:
    """What is tried; without root there is no trying."""
    kernel = "use a kernel that has it"
    host = "run on the machine itself or in a virtual machine, not in a container"
    cgroup_version = f"version {Cgroups.of_this_machine().version}"
    wanted = (
        (
            "cgroups",
            tried.CGROUPS,
            NODE,
            cgroup_version,
            "enable them in /sys/fs/cgroup",
        ),
        ("namespaces", tried.NAMESPACES, NODE, "network, mount, process, host name", host),
        ("mounts", tried.MOUNTS, NODE, "of its own", host),
        ("overlayfs", tried.OVERLAY, NODE, f"in {place}", "put the sandbox on a disk: --folder"),
        ("veth, bridge", tried.INTERFACES, NODE, "yes", kernel),
        ("nftables", tried.NFTABLES, NODE, "with NAT", kernel),
        ("NFQUEUE", tried.QUEUE, NETWORK_POLICIES, "yes", kernel),
        ("netem", tried.NETEM, NETWORK_DELAYS, "yes", kernel),
        ("tbf", tried.BANDWIDTH, BANDWIDTH, "yes", kernel),
        ("ipset", tried.ADDRESS_SETS, PARTITIONS, "yes", kernel),
    )
    if os.geteuid() != 0:
        untried = "cannot be tried without root"
        return [Check(name, feature, untried, "see root") for name, _, feature, _, _ in wanted]
    results = _try(place)
    return [
        _check(name, feature, results[attempt], found, remedy)
        for name, attempt, feature, found, remedy in wanted
    ]


@cache
def _try(place: Path) -> dict[str, str | None]:
    path = os.pathsep.join((*os.get_exec_path(), *_SYSTEM_PATH))
    answer = subprocess.run(
        [sys.executable, "-m", "sandbox.node.capabilities", str(place)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "PATH": path},
        capture_output=True,
        text=True,
        timeout=_ATTEMPT_SECONDS,
        check=True,
    )
    results: dict[str, str | None] = json.loads(answer.stdout)
    return results


def _check(name: str, feature: str, problem: str | None, found: str, remedy: str) -> Check:
    if problem is None:
        return Check(name, feature, found)
    return Check(name, feature, problem, remedy)


def _kernel() -> Check:
    release = platform.release()
    numbers = tuple(int(part) for part in re.findall(r"\d+", release)[:2])
    if numbers < _KERNEL:
        return Check("kernel", NODE, release, "use Linux 5.13 or newer")
    return Check("kernel", NODE, release)


def _root() -> Check:
    user = os.geteuid()
    if user != 0:
        return Check("root", NODE, f"user {user}", "run it as root; the node needs namespaces")
    return Check("root", NODE, "yes")


def _rights() -> Check:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    held = int(found[1], 16) if found else 0
    lacking = [name for name, bit in _CAPABILITIES.items() if not held >> bit & 1]
    if lacking:
        return Check("capabilities", NODE, f"no {', '.join(lacking)}", "run it as root, unconfined")
    return Check("capabilities", NODE, "all that are needed")


def _seccomp() -> Check:
    if not Path("/proc/sys/kernel/seccomp/actions_avail").exists():
        return Check("seccomp", NODE, "not in this kernel", "use a kernel that has it")
    return Check("seccomp", NODE, "yes")


def _memory() -> Check:
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    found = re.search(r"^MemAvailable:\s*(\d+) kB$", text, re.MULTILINE)
    available = int(found[1]) * 1024 if found else 0
    return _enough("memory", available, _MEMORY_GIB, "end something")


def _disk(place: Path) -> Check:
    return _enough("disk", shutil.disk_usage(place).free, _DISK_GIB, f"free some in {place}")


def _enough(name: str, available: int, wanted_gib: int, remedy: str) -> Check:
    found = f"{available / _GIB:.1f} GiB free"
    if available < wanted_gib * _GIB:
        return Check(name, NODE, found, f"{remedy}; it takes {wanted_gib} GiB")
    return Check(name, NODE, found)


def _program(name: str, package: str) -> Check:
    path = os.pathsep.join((*os.get_exec_path(), *_SYSTEM_PATH))
    program = shutil.which(name, path=path)
    if program is None:
        return Check(name, NODE, "missing", f"install it: apt-get install {package}")
    return Check(name, NODE, program)


def _packages() -> Check:
    if not debian.available():
        return Check("Debian packages", NODE, "no apt-get, dpkg-deb", "use Debian or Ubuntu")
    return Check("Debian packages", NODE, "apt-get, dpkg-deb")


def _compiler() -> Check:
    if find(RUNC, Go.from_wheel(cache_folder())) is not None:
        return Check("C compiler", NODE, "not needed, all is built")
    return _program("gcc", "gcc libc6-dev")


def _socket(folder: Path) -> Check:
    length = len(bytes(NodeFolder(folder / "node").longest_socket))
    found = f"{length} of {_LONGEST_SOCKET} characters for sockets"
    if length > _LONGEST_SOCKET:
        return Check("folder", NODE, found, "choose one with a shorter path: --folder")
    return Check("folder", NODE, found)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there already."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())
