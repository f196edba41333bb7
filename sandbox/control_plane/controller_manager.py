"""kube-controller-manager: garbage collection, jobs, endpoints, service accounts and the rest."""

from pathlib import Path

from sandbox.control_plane.certificates import CertificateAuthority, KeyPair
from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "kube-controller-manager"
USER = "system:kube-controller-manager"
_UNUSED = (
    "certificatesigningrequest-approving-controller",
    "certificatesigningrequest-signing-controller",
    "node-ipam-controller",
    "persistentvolume-attach-detach-controller",
)
"""Nodes bring certificates and addresses of their own, and volumes lie on them."""


def controller_manager(
    program: Path,
    *,
    port: int,
    authority: CertificateAuthority,
    server: KeyPair,
    service_accounts: KeyPair,
    kubeconfig: Path,
) -> Service:
    """The service."""
    url = f"https://{LOOPBACK}:{port}"
    options = {
        "kubeconfig": kubeconfig,
        "bind-address": LOOPBACK,
        "secure-port": port,
        "tls-cert-file": server.certificate,
        "tls-private-key-file": server.key,
        "client-ca-file": authority.certificate,
        "root-ca-file": authority.certificate,
        "service-account-private-key-file": service_accounts.key,
        "use-service-account-credentials": "true",
        "leader-elect": "false",
        "controllers": ",".join(("*", *(f"-{name}" for name in _UNUSED))),
        "profiling": "false",
    }
    return Service(
        name=NAME,
        command=(str(program), *(f"--{name}={value}" for name, value in options.items())),
        ready=Probe(url=f"{url}/healthz", authority=authority.certificate),
        endpoint=url,
    )
