"""Certificates: who signs whom, what they are good for, who can read the keys."""

import ssl
import stat
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from sandbox.control_plane.certificates import CertificateAuthority, ensure_signing_key


@pytest.fixture
def authority(tmp_path):
    return CertificateAuthority.create(tmp_path, "test")


def load(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def usages(certificate):
    extension = certificate.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE)
    return set(extension.value)


def test_a_server_is_trusted_on_loopback_by_those_who_trust_the_authority(authority):
    pair = authority.server("server", "kubernetes.default")
    store = Store([load(authority.certificate)])
    name = x509.DNSName("kubernetes.default")
    verifier = PolicyBuilder().store(store).time(datetime.now(UTC)).build_server_verifier(name)
    assert verifier.verify(load(pair.certificate), [])


def test_a_certificate_of_another_authority_is_not(authority, tmp_path):
    other = CertificateAuthority.create(tmp_path, "other").server("other")
    store = Store([load(authority.certificate)])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("localhost"))
    with pytest.raises(x509.verification.VerificationError):
        verifier.verify(load(other.certificate), [])


def test_a_client_certificate_names_its_user_and_groups_and_is_no_server(authority):
    certificate = load(authority.client("c", user="me", groups=("a", "b")).certificate)
    subject = certificate.subject
    groups = [entry.value for entry in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    assert [entry.value for entry in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["me"]
    assert groups == ["a", "b"]
    assert usages(certificate) == {ExtendedKeyUsageOID.CLIENT_AUTH}


def test_keys_fit_their_certificates_and_only_their_owner_reads_them(authority):
    pair = authority.server("server")
    ssl.create_default_context().load_cert_chain(pair.certificate, pair.key)
    assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600


def test_the_key_of_the_authority_is_never_written(authority, tmp_path):
    authority.server("server")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "server.crt",
        "server.key",
        "test-ca.crt",
    ]


def test_the_signing_key_outlives_restarts(tmp_path):
    first = ensure_signing_key(tmp_path, "tokens").key.read_bytes()
    assert ensure_signing_key(tmp_path, "tokens").key.read_bytes() == first
