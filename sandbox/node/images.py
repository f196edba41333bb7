"""Brings images into the node: from archives of this machine, nothing is ever pulled."""

import subprocess
from collections.abc import Callable, Sequence

from sandbox.errors import ServiceError
from sandbox.images import Archive
from sandbox.node.layout import NodeFolder

_NAMESPACE = "k8s.io"
"""Where kubelet looks for images."""
_TOOL = "ctr"


def import_images(
    node: NodeFolder, archives: Sequence[Archive], *, on_import: Callable[[str], None]
) -> None:
    """Import those that the node has not, or has with another content."""
    present = digests(_ctr(node, "images", "list"))
    for archive in archives:
        if any(present.get(name) != archive.digest for name in archive.references):
            on_import(archive.name)
            _ctr(node, "images", "import", "--local", str(archive.path))


def digest(node: NodeFolder, reference: str) -> str:
    """The digest of an image that the node has."""
    present = digests(_ctr(node, "images", "list"))
    if reference not in present:
        known = ", ".join(sorted(name for name in present if "@" not in name)) or "none"
        raise ServiceError(f"the node has no image {reference}; it has: {known}")
    return present[reference]


def digests(listing: str) -> dict[str, str]:
    """The digest of every image in what `ctr images list` prints."""
    rows = (line.split() for line in listing.splitlines()[1:])
    return {row[0]: row[2] for row in rows}


def _ctr(node: NodeFolder, *arguments: str) -> str:
    done = subprocess.run(
        [
            node.programs / _TOOL,
            "--address",
            node.containerd_socket,
            "--namespace",
            _NAMESPACE,
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServiceError(f"ctr {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout
