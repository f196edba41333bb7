"""`python -m sandbox.node.capabilities FOLDER`: tries what a node needs of the kernel.

Runs as a process of its own, in namespaces that end with it, so that nothing is left behind.
Prints a JSON object: the name of each attempt with null, or with what the kernel said.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from sandbox import linux
from sandbox.linux import Mounting, Namespace
from sandbox.node import mounts, netfilter
from sandbox.node.cgroups import Cgroups

NAMESPACES = "namespaces"
MOUNTS = "mounts"
OVERLAY = "overlay"
INTERFACES = "interfaces"
NFTABLES = "nftables"
CGROUPS = "cgroups"
QUEUE = "queue"
NETEM = "netem"
BANDWIDTH = "bandwidth"
ADDRESS_SETS = "address sets"
_CONTROLLERS = ("cpu", "cpuset", "memory", "pids")

Attempt = Callable[[Path], None]


def attempt_all(folder: Path) -> dict[str, str | None]:
    """Try everything; without namespaces of its own it tries nothing else."""
    results = {CGROUPS: _problem(_cgroups, folder), NAMESPACES: _problem(_namespaces, folder)}
    inside = {
        MOUNTS: _mounts,
        OVERLAY: _overlay,
        INTERFACES: _interfaces,
        NFTABLES: _nftables,
        QUEUE: lambda _: netfilter.nftables_accept([netfilter.QUEUE]),
        NETEM: lambda _: _traffic_control("netem", "delay", "1ms"),
        BANDWIDTH: lambda _: _traffic_control(
            "tbf", "rate", "1mbit", "burst", "10kb", "latency", "50ms"
        ),
        ADDRESS_SETS: lambda _: netfilter.ipset_answers(),
    }
    for name, attempt in inside.items():
        untried = "not tried: there are no namespaces to try it in"
        results[name] = untried if results[NAMESPACES] else _problem(attempt, folder)
    return results


def _problem(attempt: Attempt, folder: Path) -> str | None:
    try:
        attempt(folder)
    except subprocess.CalledProcessError as problem:
        return str(problem.stderr).strip() or str(problem)
    except OSError as problem:
        return problem.strerror or str(problem)
    return None


def _namespaces(_folder: Path) -> None:
    linux.unshare(Namespace.MOUNT | Namespace.NETWORK | Namespace.UTS | Namespace.IPC)
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.PRIVATE)
    child = os.fork()  # whose children alone would be in the namespace
    if child == 0:
        try:
            linux.unshare(Namespace.PID)
        except OSError as problem:
            os._exit(problem.errno or 1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise OSError(code, os.strerror(code))


def _mounts(folder: Path) -> None:
    layer = folder / "layer"
    layer.mkdir()
    linux.set_read_only(mounts.layer(layer), read_only=True)
    os.chdir("/")
    linux.unmount(layer / "root")
    linux.unmount(layer)


def _overlay(folder: Path) -> None:
    parts = [folder / name for name in ("lower", "upper", "work", "merged")]
    for part in parts:
        part.mkdir()
    os.chdir(folder)  # the options take no path that has a comma or a colon
    linux.mount(
        "overlay", "merged", "overlay", options="lowerdir=lower,upperdir=upper,workdir=work"
    )
    linux.unmount("merged")
    os.chdir("/")


def _interfaces(_folder: Path) -> None:
    _ip("link", "add", "one", "type", "veth", "peer", "name", "other")
    _ip("link", "add", "node0", "type", "bridge")


def _nftables(_folder: Path) -> None:
    expressions = [netfilter.NUMBERS, netfilter.ROUTES, netfilter.MASQUERADE]
    netfilter.nftables_accept(expressions, kind="nat")


def _traffic_control(*discipline: str) -> None:
    _run("tc", "qdisc", "replace", "dev", "lo", "root", *discipline)


def _cgroups(_folder: Path) -> None:
    cgroups = Cgroups.of_this_machine()
    name = f"brisa-preflight-{os.getpid()}"
    try:
        cgroups.create(name)
        missing = set(_CONTROLLERS) - cgroups.controllers(name)
    finally:
        cgroups.remove(name, seconds=1)
    if missing:
        raise OSError(f"there is no controller {', '.join(sorted(missing))}")


def _ip(*arguments: str) -> None:
    _run("ip", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1]) as temporary:
        print(json.dumps(attempt_all(Path(temporary))))  # noqa: T201 - its answer
