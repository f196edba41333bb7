"""The Debian packages that a node and its images take programs from, unpacked into the cache.

apt resolves what is missing on this machine, downloads it and verifies it against the signed lists
of the distribution; this module unpacks it. Nothing is installed and nothing outside the cache is
written. Whoever has the packages installed already is not asked to download them.
"""

import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.debian.apt import Apt
from sandbox.errors import PrerequisiteError
from sandbox.locking import exclusive

NAMES = (
    "busybox-static",  # a shell for images
    "ipset",  # what NetworkChaos names its targets with
    "iproute2",  # ip and tc
    "iptables",  # istio's redirection of a pod's traffic, NetworkChaos
    "libseccomp-dev",  # linked into runc
    "nftables",  # kube-proxy
    "stress-ng",  # StressChaos
)
"""Packages by name: their version is what the distribution's lists of this machine offer."""

_PROGRAM_FOLDERS = ("usr/sbin", "usr/bin", "sbin", "bin")
_PKG_CONFIG = Path(__file__).with_name("pkg-config")
_UNFINISHED = ".unfinished-"
_READABLE_BY_ALL = 0o755


def available() -> bool:
    """Whether this machine has apt and dpkg."""
    return all(shutil.which(program) for program in ("apt-get", "dpkg-deb"))


@dataclass(frozen=True)
class Packages:
    """Unpacked packages, completed by what is installed on this machine."""

    root: Path
    """Where they are unpacked, as below `/`."""

    def program(self, name: str) -> Path:
        """A program of the packages, else of this machine."""
        for folder in _PROGRAM_FOLDERS:
            for root in (self.root, Path("/")):
                if (program := root / folder / name).exists():
                    return program
        raise PrerequisiteError(
            f"{name} is neither in the Debian packages of the cache ({self.root}) nor on this "
            "machine; remove that folder and run the same command again"
        )

    @property
    def libraries(self) -> str:
        """Value of LD_LIBRARY_PATH with which the programs find their libraries."""
        triplet = f"{platform.machine()}-linux-gnu"
        return ":".join(str(self.root / folder / triplet) for folder in ("usr/lib", "lib"))

    def wrap(self, folder: Path, name: str, program: str | None = None) -> None:
        """Write a script that runs a program, and finds its libraries, under its plain name.

        Args:
            folder: Where to write it.
            name: How the script is called; the program's first argument when `program` is given.
            program: The program that has many names, as `xtables-nft-multi` has.
        """
        command = f"{self.program(program)} {name}" if program else str(self.program(name))
        script = folder / name
        script.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH={self.libraries} exec {command} "$@"\n', encoding="utf-8"
        )
        script.chmod(_READABLE_BY_ALL)

    def cgo_environment(self) -> dict[str, str]:
        """With what the go command finds libraries of the packages."""
        return {"PKG_CONFIG": str(_PKG_CONFIG), "UNPACKED_PACKAGES": str(self.root)}


def packages(cache: Path, report: Callable[[str], None] = lambda _: None) -> Packages:
    """The packages below the cache folder, downloaded when they are not there.

    Args:
        cache: Cache folder of the sandbox.
        report: Called with what is being done, in a few words.
    """
    root = cache / "debian" / _distribution()
    if root.exists():
        return Packages(root)
    if not available():
        raise PrerequisiteError(
            "a node takes nft, ipset, stress-ng and others from Debian packages, and this machine "
            "has no apt; use one with Debian or Ubuntu, or `make up`, which needs no node"
        )
    lock = root.with_name(f"{root.name}.lock")
    with exclusive(lock, on_wait=lambda holder: report(f"process {holder} downloads, waiting")):
        if not root.exists():
            _unpack(Apt(cache / "debian" / "apt"), root, report)
    return Packages(root)


def _unpack(apt: Apt, root: Path, report: Callable[[str], None]) -> None:
    prefix = f"{_UNFINISHED}{root.name}-"
    for leftover in root.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover)
    unfinished = Path(tempfile.mkdtemp(prefix=prefix, dir=root.parent))
    try:
        report("downloading Debian packages")
        content = unfinished / "root"
        content.mkdir()
        for archive in apt.download(NAMES, unfinished):
            command = ("dpkg-deb", "--extract", archive, content)
            subprocess.run(command, check=True, capture_output=True)
        content.rename(root)
    finally:
        shutil.rmtree(unfinished)


def _distribution() -> str:
    """What the packages fit: distribution, release and processor."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    parts = (release.get("ID", "unknown"), release.get("VERSION_ID", ""), platform.machine())
    return "-".join(filter(None, parts))
