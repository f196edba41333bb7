"""System calls that Python 3.11 does not offer: namespaces, mounts, a parent's death."""

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntFlag
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_MOUNT_SETATTR = 442
"""Number of the system call, the same on every architecture; the C library may be older."""
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_ATTR_RDONLY = 1
_MNT_DETACH = 2
_OWN_NETWORK = "/proc/thread-self/ns/net"


class Namespace(IntFlag):
    """Kinds of namespaces."""

    MOUNT = 0x00020000
    UTS = 0x04000000
    IPC = 0x08000000
    PID = 0x20000000
    NETWORK = 0x40000000


class Mounting(IntFlag):
    """How something is mounted."""

    PLAIN = 0
    BIND = 0x1000
    RECURSIVE = 0x4000
    PRIVATE = 1 << 18
    SHARED = 1 << 20


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def die_with_parent() -> None:
    """Have the kernel kill this process when the thread that made it ends, even by SIGKILL."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def unshare(kinds: Namespace) -> None:
    """Leave namespaces for new ones; of processes, only children to come are in the new one."""
    _check("unshare", _libc.unshare(int(kinds)))


def enter(descriptor: int, kind: Namespace) -> None:
    """Enter the namespace that a file descriptor stands for."""
    _check("setns", _libc.setns(descriptor, int(kind)))


def own_network() -> int:
    """A descriptor of the network namespace that this thread is in."""
    return os.open(_OWN_NETWORK, os.O_RDONLY | os.O_CLOEXEC)


@contextmanager
def inside_network(descriptor: int) -> Iterator[None]:
    """Be in a network namespace; sockets made there stay there."""
    before = own_network()
    try:
        enter(descriptor, Namespace.NETWORK)
        try:
            yield
        finally:
            enter(before, Namespace.NETWORK)
    finally:
        os.close(before)


def mount(
    source: str | Path,
    target: str | Path,
    kind: str | None = None,
    how: Mounting = Mounting.PLAIN,
    options: str | None = None,
) -> None:
    """Mount, bind, or change how changes to a mount spread."""
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() if kind is not None else None,
        ctypes.c_ulong(int(how)),
        options.encode() if options is not None else None,
    )
    _check(f"mount {target}", result)


def unmount(target: str | Path) -> None:
    """Take away what is mounted there."""
    _check(f"umount {target}", _libc.umount2(os.fsencode(target), 0))


def change_root(new: Path) -> None:
    """Make a mount the root of this mount namespace; nothing of the old one can be reached."""
    os.chdir(new)
    _check("pivot_root", _libc.pivot_root(b".", b"."))  # the old root now lies over the new one
    _check("umount of the old root", _libc.umount2(b".", _MNT_DETACH))
    os.chdir("/")


def set_read_only(target: str | Path, *, read_only: bool) -> None:
    """Let nobody, or anybody, write through a mount and all below it; the file systems stay."""
    flags = {"set" if read_only else "clear": _MOUNT_ATTR_RDONLY}
    attributes = _MountAttributes(**flags)
    result = _libc.syscall(
        _MOUNT_SETATTR,
        _AT_FDCWD,
        os.fsencode(target),
        _AT_RECURSIVE,
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _check(f"mount_setattr {target}", result)


def _check(what: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
