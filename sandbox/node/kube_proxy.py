"""kube-proxy: Services as nftables rules of the node's own network."""

from pathlib import Path
from typing import Any

from sandbox.node.addresses import LOOPBACK, PODS
from sandbox.node.addresses import NAME as NODE
from sandbox.node.layout import NodeFolder
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "kube-proxy"
USER = "system:kube-proxy"
_HEALTH = f"{LOOPBACK}:10256"


def configuration(*, kubeconfig: Path) -> dict[str, Any]:
    """The configuration file."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "clusterCIDR": PODS,
        "hostnameOverride": NODE,
        # Zero leaves the limits alone: they are the whole machine's.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        "healthzBindAddress": _HEALTH,
        "metricsBindAddress": f"{LOOPBACK}:10249",
    }


def kube_proxy(node: NodeFolder, *, configuration: Path, environment: dict[str, str]) -> Service:
    """The service."""
    return Service(
        name=NAME,
        command=(str(node.programs / NAME), f"--config={configuration}"),
        environment=environment,
        ready=Probe(url=f"http://{_HEALTH}/healthz"),
        endpoint=f"http://{_HEALTH}",
    )
