"""What the holder of a node is told, as a file of the node's folder."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class NodePlan(BaseModel):
    """One node."""

    model_config = ConfigDict(frozen=True)

    api_port: int
    """Where the API server listens, on this machine's loopback."""
    kept: Path
    """The sandbox's folder: the only one on this machine's disk that the node writes to."""
    shown: tuple[Path, ...]
    """Folders with programs, which may lie on another disk than `/`."""
    path: str
    """PATH of the node's processes."""
