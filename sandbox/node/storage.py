"""Persistent volumes: a few folders of the node, handed out by the default storage class.

`local` volumes, not hostPath: only those does kubelet give to a pod's group.
"""

from pathlib import Path
from typing import Any

from sandbox.node.addresses import NAME as NODE
from sandbox.node.layout import NodeFolder

_CLASS = "standard"
_CAPACITY = "10Gi"
"""What a claim may ask for; the disk is the limit."""
VOLUMES = tuple(f"volume-{number}" for number in range(1, 11))


def objects(node: NodeFolder) -> list[dict[str, Any]]:
    """The storage class and its volumes."""
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": _CLASS, "annotations": default},
        "provisioner": "kubernetes.io/no-provisioner",
        "reclaimPolicy": "Retain",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    return [storage_class, *(_volume(name, node.volumes / name) for name in VOLUMES)]


def make_folders(node: NodeFolder) -> None:
    """Make the folder of every volume; kubelet mounts only what is there."""
    for name in VOLUMES:
        (node.volumes / name).mkdir(exist_ok=True)


def _volume(name: str, folder: Path) -> dict[str, Any]:
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": _CAPACITY},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": _CLASS,
            "local": {"path": str(folder)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
        },
    }
