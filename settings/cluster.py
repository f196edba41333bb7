"""Which cluster a stack is about."""

from pathlib import Path
from typing import Annotated

from settings.types import Allowed, Model
from settings.words import Identifier, Line


def _is_file(path: str) -> bool:
    try:
        return Path(path).expanduser().is_file()
    except (OSError, RuntimeError):  # too long, or the home of nobody
        return False


KubeconfigPath = Annotated[
    str, Allowed("the path of a kubeconfig", "a file that is there", _is_file)
]
"""A kubeconfig on this machine."""


class Cluster(Model):
    """The cluster of a stack; named, so that no ambient context can be hit by mistake."""

    context: Line
    """Context of the kubeconfig."""

    kubeconfig: KubeconfigPath | None = None
    """Path of the kubeconfig; null takes `KUBECONFIG` or the user's own."""

    cluster_identifier: Identifier
    """Identity of the cluster. Everything is replaced when, and only when, this changes."""
