"""etcd: one member, mutual TLS on loopback."""

from pathlib import Path

from sandbox.control_plane.certificates import CertificateAuthority, KeyPair
from sandbox.supervision.ports import LOOPBACK
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "etcd"
_MEMBER = "sandbox"


def etcd(
    program: Path,
    *,
    data: Path,
    authority: CertificateAuthority,
    server: KeyPair,
    client: KeyPair,
    client_port: int,
    peer_port: int,
) -> Service:
    """The service; `client` is what the readiness probe shows."""
    url = f"https://{LOOPBACK}:{client_port}"
    peer_url = f"https://{LOOPBACK}:{peer_port}"
    tls = {"cert-file": server.certificate, "key-file": server.key}
    trust = {"trusted-ca-file": authority.certificate, "client-cert-auth": "true"}
    options = {
        "name": _MEMBER,
        "data-dir": data,
        "listen-client-urls": url,
        "advertise-client-urls": url,
        "listen-peer-urls": peer_url,
        "initial-advertise-peer-urls": peer_url,
        "initial-cluster": f"{_MEMBER}={peer_url}",
        **tls,
        **trust,
        **{f"peer-{name}": value for name, value in {**tls, **trust}.items()},
        "auto-compaction-mode": "periodic",
        "auto-compaction-retention": "1h",
        "log-level": "warn",
    }
    return Service(
        name=NAME,
        command=(str(program), *(f"--{name}={value}" for name, value in options.items())),
        ready=Probe(
            url=f"{url}/health",
            authority=authority.certificate,
            certificate=client.certificate,
            key=client.key,
        ),
        endpoint=url,
    )
