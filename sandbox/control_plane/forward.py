"""Prometheus and Alertmanager of the node, on this machine's loopback, for whoever asks them.

Each forwarded port is there while the cluster's service answers, and goes where its pod goes.
"""

from dataclasses import dataclass
from pathlib import Path

from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

_READY = "/-/ready"
"""Where both say that they can be asked."""


@dataclass(frozen=True)
class Forwarded:
    """A service of the cluster that people and their tools ask from outside."""

    name: str
    namespace: str
    port: int
    variable: str
    """What tools read its address from."""


FORWARDED = (
    Forwarded("prometheus", "monitoring", 9090, "PROMETHEUS_URL"),
    Forwarded("alertmanager", "monitoring", 9093, "ALERTMANAGER_URL"),
)


def forward(target: Forwarded, kubectl: Path, kubeconfig: Path, port: int, api: Probe) -> Service:
    """The process that forwards `port` of loopback; `api` asks the API server."""
    place = f"{api.url}/api/v1/namespaces/{target.namespace}/services/{target.name}:{target.port}"
    address = f"http://{LOOPBACK}:{port}"
    return Service(
        name=target.name,
        command=(
            str(kubectl),
            f"--kubeconfig={kubeconfig}",
            f"--cache-dir={kubeconfig.parent / 'kubectl'}",
            "port-forward",
            f"--namespace={target.namespace}",
            f"--address={LOOPBACK}",
            f"service/{target.name}",
            f"{port}:{target.port}",
        ),
        ready=Probe(url=f"{address}{_READY}"),
        only_while=api.model_copy(update={"url": f"{place}/proxy{_READY}"}),
        endpoint=address,
    )
