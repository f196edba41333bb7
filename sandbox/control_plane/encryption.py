"""Encryption at rest: Secrets never lie readable in etcd's files."""

import base64
import secrets
from pathlib import Path

import yaml

from sandbox.files import write_atomically

_KEY_BYTES = 32


def ensure_encryption_configuration(path: Path) -> None:
    """Write the configuration with a new key, unless there is one: it must outlive restarts."""
    if path.exists():
        return
    key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")
    document = {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [
            {
                "resources": ["secrets"],
                "providers": [{"secretbox": {"keys": [{"name": "sandbox", "secret": key}]}}],
            }
        ],
    }
    write_atomically(path, yaml.safe_dump(document, sort_keys=False))
