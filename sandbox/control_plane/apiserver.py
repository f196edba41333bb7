"""kube-apiserver: TLS, client certificates, RBAC, nobody anonymous, loopback only."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.control_plane.certificates import CertificateAuthority, KeyPair
from sandbox.node.addresses import ADDRESS, SERVICES
from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "kube-apiserver"
SERVICE_ACCOUNT_ISSUER = "https://kubernetes.default.svc.cluster.local"
DNS_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)
_WITHOUT_NODE: Mapping[str, object] = {
    "authorization-mode": "RBAC",
    "advertise-address": LOOPBACK,
    # A loopback address is no valid endpoint of the `kubernetes` Service, and nobody needs it.
    "endpoint-reconciler-type": "none",
}


@dataclass(frozen=True)
class Store:
    """How the API server reaches etcd."""

    url: str
    authority: Path
    client: KeyPair


@dataclass(frozen=True)
class NodeWay:
    """How the API server reaches a node, and is reached from there."""

    selection: Path
    """File with the `egress_selection`."""
    kubelet_client: KeyPair
    """Whom kubelet knows it as."""

    def options(self, authority: CertificateAuthority) -> dict[str, object]:
        """What the API server is told."""
        return {
            "authorization-mode": "Node,RBAC",
            "enable-admission-plugins": "NodeRestriction",
            "advertise-address": ADDRESS,
            "egress-selector-config-file": self.selection,
            "kubelet-certificate-authority": authority.certificate,
            "kubelet-client-certificate": self.kubelet_client.certificate,
            "kubelet-client-key": self.kubelet_client.key,
            "kubelet-preferred-address-types": "InternalIP",
        }


def egress_selection(socket: Path) -> dict[str, Any]:
    """The file that has the API server dial kubelet, webhooks and pods through a Unix socket."""
    transport = {"uds": {"udsName": str(socket)}}
    connection = {"proxyProtocol": "HTTPConnect", "transport": transport}
    return {
        "apiVersion": "apiserver.k8s.io/v1beta1",
        "kind": "EgressSelectorConfiguration",
        "egressSelections": [{"name": "cluster", "connection": connection}],
    }


def apiserver(
    program: Path,
    *,
    port: int,
    authority: CertificateAuthority,
    server: KeyPair,
    administrator: KeyPair,
    service_accounts: KeyPair,
    encryption: Path,
    store: Store,
    node: NodeWay | None = None,
) -> Service:
    """The service; `administrator` is what the readiness probe shows."""
    url = f"https://{LOOPBACK}:{port}"
    options = {
        "etcd-servers": store.url,
        "etcd-cafile": store.authority,
        "etcd-certfile": store.client.certificate,
        "etcd-keyfile": store.client.key,
        "bind-address": LOOPBACK,
        "secure-port": port,
        "tls-cert-file": server.certificate,
        "tls-private-key-file": server.key,
        "client-ca-file": authority.certificate,
        "anonymous-auth": "false",
        **(node.options(authority) if node is not None else _WITHOUT_NODE),
        "service-account-issuer": SERVICE_ACCOUNT_ISSUER,
        "service-account-key-file": service_accounts.certificate,
        "service-account-signing-key-file": service_accounts.key,
        "service-cluster-ip-range": SERVICES,
        "encryption-provider-config": encryption,
        # Webhooks go to endpoints; without a node there are none, so they fail at once.
        # Dialling the Service address could reach somebody on the network of this machine.
        "enable-aggregator-routing": "true",
        # Charts bring privileged DaemonSets.
        "allow-privileged": "true",
        "profiling": "false",
    }
    return Service(
        name=NAME,
        command=(str(program), *(f"--{name}={value}" for name, value in options.items())),
        ready=Probe(
            url=f"{url}/readyz",
            authority=authority.certificate,
            certificate=administrator.certificate,
            key=administrator.key,
        ),
        endpoint=url,
    )
