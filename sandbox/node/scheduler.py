"""kube-scheduler: the one that gives pods their node, although there is only one."""

from pathlib import Path
from typing import Any

from sandbox.node.addresses import LOOPBACK
from sandbox.node.layout import NodeFolder
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "kube-scheduler"
USER = "system:kube-scheduler"
_PORT = 10259


def configuration(*, kubeconfig: Path) -> dict[str, Any]:
    """The configuration file."""
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "leaderElection": {"leaderElect": False},
        "clientConnection": {"kubeconfig": str(kubeconfig)},
    }


def scheduler(
    node: NodeFolder, *, configuration: Path, authority: Path, certificate: Path, key: Path
) -> Service:
    """The service; the certificate is what it presents itself with."""
    url = f"https://{LOOPBACK}:{_PORT}"
    options = {
        "config": configuration,
        "bind-address": LOOPBACK,
        "secure-port": _PORT,
        "tls-cert-file": certificate,
        "tls-private-key-file": key,
    }
    return Service(
        name=NAME,
        command=(
            str(node.programs / NAME),
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        ready=Probe(url=f"{url}/healthz", authority=authority),
        endpoint=url,
    )
