"""The Flux Operator: the one controller the sandbox runs in place of its Deployment's pod.

It starts when the Deployment exists and stops when it is gone, as a kubelet would have it. It acts
as the Deployment's service account, so that the RBAC of its release is what lets it work.
"""

from pathlib import Path

from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "flux-operator"
NAMESPACE = "flux-system"
USER = f"system:serviceaccount:{NAMESPACE}:{NAME}"
GROUPS = ("system:serviceaccounts", f"system:serviceaccounts:{NAMESPACE}")


def flux_operator(
    program: Path,
    *,
    data: Path,
    kubeconfig: Path,
    metrics_port: int,
    health_port: int,
    api: Probe,
) -> Service:
    """The service; `data` holds Flux's release manifests, `api` asks the API server."""
    deployment = f"{api.url}/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}"
    metrics = f"{LOOPBACK}:{metrics_port}"
    options = {
        "storage-path": data,
        "enable-leader-election": "false",
        "web-server-port": 0,
        "metrics-addr": metrics,
        "health-addr": f"{LOOPBACK}:{health_port}",
    }
    return Service(
        name=NAME,
        command=(str(program), *(f"--{name}={value}" for name, value in options.items())),
        environment={
            "GODEBUG": "fips140=on",  # it refuses to run without
            "RUNTIME_NAMESPACE": NAMESPACE,
            "KUBECONFIG": str(kubeconfig),
        },
        ready=Probe(url=f"http://{LOOPBACK}:{health_port}/readyz"),
        only_while=api.model_copy(update={"url": deployment}),
        endpoint=f"http://{metrics}/metrics",
    )
