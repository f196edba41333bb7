"""Where everything of one running sandbox lies: a single folder, gone after `down`."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.node.layout import NodeFolder


@dataclass(frozen=True)
class RunFolder:
    """Names inside the run folder."""

    root: Path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way in."""
        return self.root / "kubeconfig"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.root / "pki"

    @property
    def etcd_data(self) -> Path:
        """Everything the API server stores."""
        return self.root / "etcd"

    @property
    def ports(self) -> Path:
        """The chosen ports, so that a restart keeps them."""
        return self.root / "ports.json"

    @property
    def encryption(self) -> Path:
        """The key that Secrets are encrypted with at rest."""
        return self.root / "encryption.yaml"

    def kubeconfig_of(self, user: str) -> Path:
        """The way in of a process."""
        return self.root / f"{user}.kubeconfig"

    @property
    def egress_selection(self) -> Path:
        """How the API server reaches the node."""
        return self.root / "egress.yaml"

    @property
    def node(self) -> NodeFolder:
        """The node, where there is one."""
        return NodeFolder(self.root / "node")

    def create(self) -> None:
        """Make the folders, readable by their owner only."""
        for folder in (self.root, self.pki):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
