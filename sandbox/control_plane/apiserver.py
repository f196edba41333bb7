"""kube-apiserver: TLS, client certificates, RBAC, nobody anonymous, loopback only."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.control_plane.certificates import CertificateAuthority, KeyPair
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
_SERVICE_RANGE = "10.96.0.0/16"


@dataclass(frozen=True)
class Store:
    """How the API server reaches etcd."""

    url: str
    authority: Path
    client: KeyPair


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
) -> Service:
    """The service; `administrator` is what the readiness probe shows."""
    url = f"https://{LOOPBACK}:{port}"
    options = {
        "etcd-servers": store.url,
        "etcd-cafile": store.authority,
        "etcd-certfile": store.client.certificate,
        "etcd-keyfile": store.client.key,
        "bind-address": LOOPBACK,
        "advertise-address": LOOPBACK,
        "secure-port": port,
        # A loopback address is no valid endpoint of the `kubernetes` Service, and nobody needs it.
        "endpoint-reconciler-type": "none",
        "tls-cert-file": server.certificate,
        "tls-private-key-file": server.key,
        "client-ca-file": authority.certificate,
        "anonymous-auth": "false",
        "authorization-mode": "RBAC",
        "service-account-issuer": SERVICE_ACCOUNT_ISSUER,
        "service-account-key-file": service_accounts.certificate,
        "service-account-signing-key-file": service_accounts.key,
        "service-cluster-ip-range": _SERVICE_RANGE,
        "encryption-provider-config": encryption,
        # Webhooks go to endpoints, of which there are none without pods, so they fail at once.
        # Dialling the Service address could reach somebody on the network of this machine.
        "enable-aggregator-routing": "true",
        # Charts bring privileged DaemonSets; they are stored, no pod of them ever runs.
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
