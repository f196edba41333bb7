"""The node's file system: this machine's as it is, with a layer over it that is forgotten.

Whatever the node, or a pod with a hostPath, writes goes to memory; only what belongs to the
sandbox goes to its folder on the disk. All is done in a mount namespace of the node's own and ends
with it.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sandbox import linux
from sandbox.linux import Mounting
from sandbox.node.addresses import ADDRESS, NAME
from sandbox.node.layout import NodeFolder

_LAYER_OPTIONS = "mode=755,size=256m"
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


def lay_out(
    node: NodeFolder, *, kept: Path, shown: Sequence[Path], cgroups: Sequence[Path]
) -> None:
    """Set up the mount namespace that this process, the first of its process namespace, is in.

    Args:
        node: The node's folder.
        kept: The folder that holds everything of this sandbox: the only one on the disk that is
            written to.
        shown: Folders to read that may lie on another disk than `/`.
        cgroups: The node's own, which can be changed, unlike those of everybody else.
    """
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.PRIVATE)
    root = layer(node.mount_point)
    _make_var(node)
    _kernel(root, cgroups)
    linux.mount("tmpfs", root / "run", "tmpfs", options=_LAYER_OPTIONS)
    _renew(node.sockets)
    _bind(node.sockets, root / "run/containerd")
    _bind(node.var, root / "var")
    _bind(kept, _below(root, kept))
    for folder in shown:
        if not _below(root, folder).exists():
            _bind(folder, _below(root, folder))
            linux.set_read_only(_below(root, folder), read_only=True)
    (root / "etc/hosts").unlink(missing_ok=True)
    (root / "etc/hosts").write_text(_HOSTS)
    linux.change_root(root)
    linux.mount("none", "/", how=Mounting.RECURSIVE | Mounting.SHARED)


def layer(place: Path) -> Path:
    """This machine's root file system with a layer in memory over it; mounted below the place."""
    linux.mount("tmpfs", place, "tmpfs", options=_LAYER_OPTIONS)
    upper, work, root = (place / name for name in ("upper", "work", "root"))
    for folder in (upper, work, root):
        folder.mkdir()
    os.chdir(place)  # the options take no path that has a comma or a colon
    linux.mount("overlay", root, "overlay", options="lowerdir=/,upperdir=upper,workdir=work")
    return root


def _make_var(node: NodeFolder) -> None:
    for folder in _VAR:
        (node.var / folder).mkdir(parents=True, exist_ok=True)
    run = node.var / "run"
    if not run.is_symlink():
        run.symlink_to("/run")


def _renew(folder: Path) -> None:
    """Empty a folder of what an earlier node left."""
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)


def _kernel(root: Path, cgroups: Sequence[Path]) -> None:
    """What the kernel shows: processes, devices, and of cgroups the own ones to change."""
    linux.mount("proc", root / "proc", "proc")
    values = root / "etc/brisa-sysctls"
    values.mkdir()
    for name, value in _SYSCTLS.items():
        file = values / name.replace("/", ".")
        file.write_text(f"{value}\n")
        linux.mount(file, root / "proc/sys" / name, how=Mounting.BIND)
    for folder in ("dev", "sys"):
        _bind(Path("/", folder), root / folder)
    linux.set_read_only(root / "sys", read_only=True)
    for own in cgroups:
        inside = _below(root, own)
        _bind(inside, inside)
        linux.set_read_only(inside, read_only=False)


def _bind(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    linux.mount(source, target, how=Mounting.BIND | Mounting.RECURSIVE)


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")
