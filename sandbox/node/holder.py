"""The process that holds a node: makes its namespaces, serves its portal, cleans up behind it.

It stays outside. The first process inside ends when the holder does, even by SIGKILL, and with the
first process of a process namespace the kernel ends all others, pods included; mounts, interfaces
and rules go with the namespaces. Only empty cgroups can be left, and they go before the next start.
"""

import asyncio
import os
import signal
import socket
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox import linux
from sandbox.errors import ServiceError
from sandbox.linux import Namespace
from sandbox.node import first, mounts, network
from sandbox.node.addresses import NAME
from sandbox.node.cgroups import Cgroups
from sandbox.node.layout import NodeFolder
from sandbox.node.plan import NodePlan
from sandbox.node.portal import Portal, open_doors

_CGROUP_SECONDS = 10.0
_GO = b"."


def hold(folder: NodeFolder) -> int:
    """Run the node until TERM arrives, or its first process ends; returns the exit code."""
    plan = NodePlan.model_validate_json(folder.plan.read_bytes())
    # Cgroups of a node that was killed would keep kubelet busy for a minute.
    remove_leftovers(folder)
    cgroups = Cgroups.of_this_machine()
    cgroups.create(folder.cgroup)
    try:
        inside = _make_network(plan.path)
        doors = open_doors(inside, plan.api_port)

        def node() -> None:
            for door in doors:
                door.close()
            linux.enter(inside, Namespace.NETWORK)
            cgroups.enter(folder.cgroup)
            _run_inside(folder, plan, cgroups.folders(folder.cgroup))

        child = _start_first(node)
        portal = Portal(inside, doors, plan.api_port, folder.egress_socket)
        asyncio.run(_serve(portal, child))
        _, status = os.waitpid(child, 0)
        return 0 if os.waitstatus_to_exitcode(status) == -signal.SIGKILL else 1
    finally:
        remove_leftovers(folder)


def remove_leftovers(folder: NodeFolder) -> None:
    """Remove what a node leaves when it was killed, after ending whoever is left of it."""
    cgroups = Cgroups.of_this_machine()
    if not cgroups.remove(folder.cgroup, seconds=_CGROUP_SECONDS):
        left = ", ".join(map(str, sorted(cgroups.processes(folder.cgroup))))
        raise ServiceError(f"these processes of the node do not end: {left}")


def _make_network(path: str) -> int:
    """A network namespace, set up; this process is back outside when it returns."""
    outside = linux.own_network()
    linux.unshare(Namespace.NETWORK)
    try:
        network.lay_out(path)
        return linux.own_network()
    finally:
        linux.enter(outside, Namespace.NETWORK)
        os.close(outside)


def _start_first(node: Callable[[], None]) -> int:
    """Start the first process of a new process namespace; nothing else may be started after."""
    linux.unshare(Namespace.PID)
    received, sent = os.pipe()
    child = os.fork()
    if child:
        os.close(received)
        os.write(sent, _GO)
        os.close(sent)
        return child
    try:
        linux.die_with_parent()
        os.close(sent)
        if os.read(received, 1) == _GO:  # else the parent died before it could take this one along
            node()
    except BaseException:  # noqa: BLE001 - it must not go on as a second holder
        traceback.print_exc()
    finally:
        os._exit(1)


def _run_inside(folder: NodeFolder, plan: NodePlan, cgroups: Sequence[Path]) -> None:
    linux.unshare(Namespace.MOUNT | Namespace.UTS | Namespace.IPC)
    mounts.lay_out(folder, kept=plan.kept, shown=plan.shown, cgroups=cgroups)
    socket.sethostname(NAME)
    first.run(folder.group)


async def _serve(portal: Portal, child: int) -> None:
    """Serve the portal until the first process has ended; TERM ends it, and with it the node."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    descriptor = os.pidfd_open(child)
    loop.add_reader(descriptor, ended.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, os.kill, child, signal.SIGKILL)
    await portal.serve(ended)
    loop.remove_reader(descriptor)
