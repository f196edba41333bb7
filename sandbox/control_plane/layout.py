"""Where everything of one running sandbox lies: a single folder, gone after `down`."""

from dataclasses import dataclass
from pathlib import Path


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

    @property
    def controller_manager_kubeconfig(self) -> Path:
        """The way in of kube-controller-manager."""
        return self.root / "controller-manager.kubeconfig"

    @property
    def flux_operator_kubeconfig(self) -> Path:
        """The way in of the Flux Operator."""
        return self.root / "flux-operator.kubeconfig"

    def create(self) -> None:
        """Make the folders, readable by their owner only."""
        for folder in (self.root, self.pki):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
