"""Kubeconfig files: one cluster, one user, one context, certificates inside."""

import base64
from pathlib import Path

import yaml

from sandbox.control_plane.certificates import KeyPair
from sandbox.files import write_atomically

CONTEXT = "brisa-sandbox"


def write_kubeconfig(path: Path, *, server: str, authority: Path, user: str, pair: KeyPair) -> None:
    """Write a self-contained kubeconfig that only its owner can read."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": CONTEXT,
                "cluster": {"server": server, "certificate-authority-data": _encoded(authority)},
            }
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _encoded(pair.certificate),
                    "client-key-data": _encoded(pair.key),
                },
            }
        ],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": user}}],
        "current-context": CONTEXT,
    }
    write_atomically(path, yaml.safe_dump(document, sort_keys=False))


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode("ascii")
