"""kubelet: authenticates and authorizes everybody by the API server, changes no sysctl."""

from pathlib import Path
from typing import Any

from sandbox.node.addresses import ADDRESS, DNS_SERVICE, DOMAIN, LOOPBACK
from sandbox.node.addresses import NAME as NODE
from sandbox.node.layout import NodeFolder
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "kubelet"
USER = f"system:node:{NODE}"
GROUP = "system:nodes"
_HEALTH_PORT = 10248
_MAX_PODS = 100


def configuration(
    node: NodeFolder, *, authority: Path, certificate: Path, key: Path, resolver: Path
) -> dict[str, Any]:
    """The configuration file; `resolver` is the resolv.conf of pods that use the node's DNS."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": ADDRESS,
        "healthzBindAddress": LOOPBACK,
        "healthzPort": _HEALTH_PORT,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(authority)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificate),
        "tlsPrivateKeyFile": str(key),
        "rotateCertificates": False,
        "clusterDomain": DOMAIN,
        "clusterDNS": [DNS_SERVICE],
        "resolvConf": str(resolver),
        "containerRuntimeEndpoint": f"unix://{node.containerd_socket}",
        "volumePluginDir": "/var/lib/kubelet/volume-plugins",
        "maxPods": _MAX_PODS,
        "serializeImagePulls": False,
        # Images are imported, never pulled: one that is collected would be gone for good.
        "imageGCHighThresholdPercent": 100,
        "imageMaximumGCAge": "0s",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{node.cgroup}",
        "failCgroupV1": False,
        "enforceNodeAllocatable": ["pods"],
        "systemReserved": {"memory": "1Gi", "cpu": "100m"},
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "failSwapOn": False,
        # It is shown the values that it wants; the machine keeps its own.
        "protectKernelDefaults": True,
        "makeIPTablesUtilChains": False,
        "shutdownGracePeriod": "0s",
        # Pods start soon and their ends are seen soon: this is for trying things out.
        "syncFrequency": "30s",
        "nodeStatusUpdateFrequency": "10s",
    }


def kubelet(
    node: NodeFolder, *, configuration: Path, kubeconfig: Path, environment: dict[str, str]
) -> Service:
    """The service."""
    options = {
        "config": configuration,
        "kubeconfig": kubeconfig,
        "hostname-override": NODE,
        "node-ip": ADDRESS,
        "v": 1,
    }
    return Service(
        name=NAME,
        command=(
            str(node.programs / NAME),
            *(f"--{name}={value}" for name, value in options.items()),
        ),
        environment=environment,
        ready=Probe(url=f"http://{LOOPBACK}:{_HEALTH_PORT}/healthz"),
        endpoint=f"https://{ADDRESS}:10250",
    )
