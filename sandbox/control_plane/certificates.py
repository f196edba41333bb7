"""Keys and certificates of one control plane.

Two authorities: one for the API and its clients, one for etcd, so that no client of the API can
reach the store behind it. Nothing here outlives the run folder.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.files import write_atomically

_LIFETIME = timedelta(days=365)
_CLOCK_SKEW = timedelta(minutes=5)
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class KeyPair:
    """The files of one identity."""

    certificate: Path
    key: Path


class CertificateAuthority:
    """Signs server and client certificates into one folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.certificate = folder / f"{name}-ca.crt"
        self._name = _subject(f"{name}-ca")
        self._key = _new_key()

    @classmethod
    def create(cls, folder: Path, name: str) -> Self:
        """Make a new authority; its key is never written anywhere."""
        authority = cls(folder, name)
        public = authority._key.public_key()
        builder = (
            _builder(authority._name, authority._name, public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(_usage(signs_certificates=True), critical=True)
        )
        _write_certificate(authority.certificate, authority._sign(builder))
        return authority

    def server(self, name: str, *dns_names: str, addresses: Sequence[str] = ()) -> KeyPair:
        """A certificate for a server that also presents itself as a client.

        Args:
            name: Name of its files, and its own.
            dns_names: What it is called, beside localhost.
            addresses: Where it answers, beside 127.0.0.1.
        """
        names = [x509.DNSName(dns) for dns in ("localhost", *dns_names)]
        numbers = [x509.IPAddress(ipaddress.ip_address(a)) for a in (_LOOPBACK, *addresses)]
        alternatives = x509.SubjectAlternativeName([*names, *numbers])
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        return self._issue(name, _subject(name), usages, alternatives)

    def client(self, name: str, *, user: str, groups: tuple[str, ...] = ()) -> KeyPair:
        """A certificate by which the API server knows a user and its groups."""
        return self._issue(name, _subject(user, groups), [ExtendedKeyUsageOID.CLIENT_AUTH], None)

    def _issue(
        self,
        name: str,
        subject: x509.Name,
        usages: list[x509.ObjectIdentifier],
        alternatives: x509.SubjectAlternativeName | None,
    ) -> KeyPair:
        key = _new_key()
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(subject, self._name, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(issuer_key, critical=False)
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        pair = KeyPair(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        _write_key(pair.key, key)
        _write_certificate(pair.certificate, self._sign(builder))
        return pair

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        return builder.sign(self._key, hashes.SHA256())


def ensure_signing_key(folder: Path, name: str) -> KeyPair:
    """A bare key with its public half, kept once made: tokens signed with it stay valid."""
    pair = KeyPair(folder / f"{name}.pub", folder / f"{name}.key")
    if pair.certificate.exists():
        return pair
    key = _new_key()
    _write_key(pair.key, key)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    write_atomically(pair.certificate, public)
    return pair


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _subject(user: str, groups: tuple[str, ...] = ()) -> x509.Name:
    organizations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*organizations, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    write_atomically(path, certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_atomically(path, pem)
