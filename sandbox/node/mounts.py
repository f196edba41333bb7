"""The node's view of the file system: programs of this machine to read, an own place to write.

All is done in a mount namespace of the node's own and ends with it.
"""

import os
from collections.abc import Sequence
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
_REPLACED = (Path("/var"), Path("/run"))
_VAR = ("lib/kubelet", "lib/containerd", "log/pods", "log/containers", "tmp")
_KERNELS = ("/dev", "/sys")
"""What stays writable: devices, and the cgroups that kubelet makes."""


def lay_out(node: NodeFolder, *, kept: Path, shown: Sequence[Path]) -> None:
    """Set up the mount namespace that this process, the first of its process namespace, is in.

    Args:
        node: The node's folder.
        kept: The folder that holds everything of this sandbox: stays writable, under its path.
        shown: Folders to read that must stay where they are, whatever is put over them.
    """
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.PRIVATE)
    _make_var(node)
    hidden = [folder for folder in shown if any(map(folder.is_relative_to, _REPLACED))]
    held = {place: os.open(place, os.O_PATH | os.O_CLOEXEC) for place in (node.var, kept, *hidden)}
    linux.set_read_only("/", read_only=True)
    for kernel in _KERNELS:
        linux.set_read_only(kernel, read_only=False)
    linux.mount("proc", "/proc", "proc")
    _bind(held[node.var], Path("/var"), read_only=False)
    linux.mount("tmpfs", "/run", "tmpfs", options="mode=755,size=512m")
    for folder in hidden:
        _bind(held[folder], folder, read_only=True)
    _bind(held[kept], kept, read_only=False)
    _show_files()
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.SHARED)
    for descriptor in held.values():
        os.close(descriptor)


def _make_var(node: NodeFolder) -> None:
    for folder in _VAR:
        (node.var / folder).mkdir(parents=True, exist_ok=True)
    run = node.var / "run"
    if not run.is_symlink():
        run.symlink_to("/run")


def _bind(descriptor: int, target: Path, *, read_only: bool) -> None:
    """Put a folder there, which may be hidden under its own path by now."""
    target.mkdir(parents=True, exist_ok=True)
    linux.mount(f"/proc/self/fd/{descriptor}", target, how=Mounting.BIND | Mounting.RECURSIVE)
    linux.set_read_only(target, read_only=read_only)


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
