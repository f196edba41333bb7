"""The node's view of the file system: programs of this machine to read, an own place to write.

All is done in a mount namespace of the node's own and ends with it.
"""

import os
from pathlib import Path

from sandbox import linux
from sandbox.linux import Mounting
from sandbox.node.addresses import ADDRESS, NAME
from sandbox.node.layout import NodeFolder

_SYSCTLS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""Kubelet insists on these; they are the whole machine's, so it is shown files that say so."""
_HOSTS = f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n"
_VAR = ("lib/kubelet", "lib/containerd", "log/pods", "log/containers", "tmp")
_KERNELS = ("/dev", "/sys")
"""What stays writable: devices, and the cgroups that kubelet makes."""


def lay_out(node: NodeFolder, *, kept: Path) -> None:
    """Set up the mount namespace that this process, the first of its process namespace, is in.

    Args:
        node: The node's folder.
        kept: The folder that holds everything of this sandbox: stays writable, under its path.
    """
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.PRIVATE)
    kept_descriptor = os.open(kept, os.O_PATH | os.O_CLOEXEC)
    var_descriptor = os.open(_var(node), os.O_PATH | os.O_CLOEXEC)
    linux.set_read_only("/", read_only=True)
    for folder in _KERNELS:
        linux.set_read_only(folder, read_only=False)
    linux.mount("proc", "/proc", "proc")
    _bind(var_descriptor, Path("/var"))
    linux.mount("tmpfs", "/run", "tmpfs", options="mode=755,size=512m")
    linux.mount("tmpfs", "/tmp", "tmpfs", options="mode=1777,size=512m")  # noqa: S108 - its own
    kept.mkdir(parents=True, exist_ok=True)  # where one of these has just hidden it
    _bind(kept_descriptor, kept)
    _show_files()
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.SHARED)
    os.close(kept_descriptor)
    os.close(var_descriptor)


def _var(node: NodeFolder) -> Path:
    for folder in _VAR:
        (node.var / folder).mkdir(parents=True, exist_ok=True)
    run = node.var / "run"
    if not run.is_symlink():
        run.symlink_to("/run")
    return node.var


def _bind(descriptor: int, target: Path) -> None:
    linux.mount(f"/proc/self/fd/{descriptor}", target, how=Mounting.BIND | Mounting.RECURSIVE)
    linux.set_read_only(target, read_only=False)


def _show_files() -> None:
    """Put files over those of this machine that the node must see differently."""
    shown = Path("/run/shown")
    shown.mkdir(mode=0o755)
    contents = {"/etc/hosts": _HOSTS}
    contents |= {f"/proc/sys/{name}": f"{value}\n" for name, value in _SYSCTLS.items()}
    for target, content in contents.items():
        file = shown / target.strip("/").replace("/", ".")
        file.write_text(content)
        linux.mount(file, target, how=Mounting.BIND)
