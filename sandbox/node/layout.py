"""Where the node keeps things: one folder inside the sandbox's, gone with it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sandbox.supervision.folder import GroupFolder


@dataclass(frozen=True)
class NodeFolder:
    """Names inside the node's folder."""

    root: Path

    @property
    def group(self) -> GroupFolder:
        """What runs in the node, as a supervised group of its own."""
        return GroupFolder(self.root)

    @property
    def plan(self) -> Path:
        """What the holder is told."""
        return self.root / "plan.json"

    @property
    def programs(self) -> Path:
        """Links to all programs; the node's PATH begins here."""
        return self.root / "bin"

    @property
    def configuration(self) -> Path:
        """Configuration files of the programs."""
        return self.root / "configuration"

    @property
    def cni(self) -> Path:
        """The pod network's configuration, in a folder that holds nothing else."""
        return self.configuration / "cni"

    @property
    def var(self) -> Path:
        """The node's /var: images, containers, volumes, logs of pods."""
        return self.root / "var"

    @property
    def mount_point(self) -> Path:
        """An empty folder, at which the node's root is mounted in its own namespace."""
        return self.root / "mount"

    @property
    def volumes(self) -> Path:
        """What persistent volumes hold."""
        return self.root / "volumes"

    @property
    def containerd_socket(self) -> Path:
        """Where containerd answers; on disk, so that it can be reached from outside."""
        return self.sockets / "containerd.sock"

    @property
    def sockets(self) -> Path:
        """What the node shows as `/run/containerd`, where everybody looks for containerd."""
        return self.root / "sockets"

    @property
    def kubectl_cache(self) -> Path:
        """What kubectl remembers of the API."""
        return self.root / "kubectl-cache"

    @property
    def longest_socket(self) -> Path:
        """A second one of containerd's, which takes its name from the first."""
        return self.containerd_socket.with_name(f"{self.containerd_socket.name}.ttrpc")

    @property
    def egress_socket(self) -> Path:
        """The API server's way to kubelet, webhooks and pods."""
        return self.root / "egress.sock"

    @property
    def cgroup(self) -> str:
        """Name of the node's cgroups, which no other sandbox has."""
        return f"brisa-node-{hashlib.sha256(bytes(self.root)).hexdigest()[:8]}"

    def create(self) -> None:
        """Make the folders, readable by their owner only."""
        for folder in (
            self.root,
            self.programs,
            self.configuration,
            self.cni,
            self.mount_point,
            self.sockets,
            self.volumes,
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.group.logs.mkdir(exist_ok=True)
