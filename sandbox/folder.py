"""Where the sandbox keeps things: what is shared by all sandboxes of a checkout, and one's own."""

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""The root of this repository, also the folder of the Pulumi program."""
SHARED = CHECKOUT / ".sandbox"
CHARTS = SHARED / "charts"
"""The staged charts; the sandbox stack names this place."""


@dataclass(frozen=True)
class SandboxFolder:
    """The folder of one sandbox."""

    root: Path = SHARED / "run"
    """Everything that `down` removes."""

    @property
    def lock(self) -> Path:
        """Held by every command that changes the sandbox."""
        return self.root.with_name(f"{self.root.name}.lock")

    @property
    def monitoring(self) -> Path:
        """Prometheus and Alertmanager, where they were asked for."""
        return self.root / "monitoring"
