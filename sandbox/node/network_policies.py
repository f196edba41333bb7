"""Network policies: enforced packet by packet, by a process that the kernel's queue asks."""

from pathlib import Path
from typing import Any

from sandbox.node.addresses import LOOPBACK
from sandbox.node.addresses import NAME as NODE
from sandbox.node.layout import NodeFolder
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "network-policies"
USER = "system:network-policies"
_HEALTH = f"{LOOPBACK}:10258"


def network_policies(node: NodeFolder, *, kubeconfig: Path) -> Service:
    """The service; ready when it may read policies and has read them."""
    options = {"kubeconfig": kubeconfig, "node": NODE, "health": _HEALTH}
    return Service(
        name=NAME,
        command=(
            str(node.programs / NAME),
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        ready=Probe(url=f"http://{_HEALTH}/healthz"),
        endpoint=f"http://{_HEALTH}",
    )


def objects() -> list[dict[str, Any]]:
    """What lets it read policies, and whom they are about."""
    rbac = "rbac.authorization.k8s.io"
    read = ["get", "list", "watch"]
    return [
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": USER},
            "rules": [
                {"apiGroups": [""], "resources": ["namespaces", "pods"], "verbs": read},
                {
                    "apiGroups": ["networking.k8s.io"],
                    "resources": ["networkpolicies"],
                    "verbs": read,
                },
            ],
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": USER},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": USER},
            "subjects": [{"apiGroup": rbac, "kind": "User", "name": USER}],
        },
    ]
