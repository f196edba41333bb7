"""Trust and client certificates, with a certificate authority of the test's own."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from anomaly.config.endpoint import Endpoint
from anomaly.errors import SettingsError, Unreachable
from anomaly.transport.client import Client, Request
from tests.anomaly.fake_server import FakeServer, Reply

LOOPBACK = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


def certificate(name, issuer=None):
    """A certificate and its key; an authority's when there is no issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signer, signer_key = issuer or (None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(LOOPBACK, critical=False)
    )
    return builder.sign(signer_key, hashes.SHA256()), key


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Paths of an authority, of certificates with keys from it, and of an authority unknown."""
    folder = tmp_path_factory.mktemp("tls")
    authority = certificate("authority")
    pairs = {
        "authority": authority,
        "stranger": certificate("stranger"),
        "server": certificate("server", authority),
        "client": certificate("client", authority),
    }
    for name, (public, key) in pairs.items():
        (folder / f"{name}.crt").write_bytes(public.public_bytes(serialization.Encoding.PEM))
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / f"{name}.key").write_bytes(private)
    (folder / "empty").write_text("nothing")
    return SimpleNamespace(
        **{f"{path.stem}_{path.suffix[1:] or 'file'}": path for path in folder.iterdir()}
    )


def serve(files, client_certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server_crt, files.server_key)
    context.load_verify_locations(files.authority_crt)
    context.verify_mode = client_certificate
    with FakeServer(tls=context) as server:
        server.replies(Reply(body=b"well"))
        yield server


@pytest.fixture
def secure(files):
    """A server with a certificate of the authority."""
    yield from serve(files, ssl.CERT_NONE)


@pytest.fixture
def strict(files):
    """One that wants to see such a certificate of its clients too."""
    yield from serve(files, ssl.CERT_REQUIRED)


def call(server, **settings):
    client = Client(Endpoint(url=server.url, **settings), server.url)
    return client.exchange(Request(b""))


class TestTrust:
    def test_an_authority_of_ones_own_is_trusted(self, secure, files):
        assert call(secure, ca_file=files.authority_crt) == b"well"

    def test_a_client_certificate_is_shown(self, strict, files):
        own = {"cert_file": files.client_crt, "key_file": files.client_key}
        assert call(strict, ca_file=files.authority_crt, **own) == b"well"

    def test_without_it_a_server_that_wants_one_does_not_answer(self, strict, files):
        with pytest.raises(Unreachable):
            call(strict, ca_file=files.authority_crt)

    def test_nobody_else_is_trusted_and_it_is_not_tried_again(self, secure, files, pauses):
        with pytest.raises(Unreachable, match=r"cannot be reached \(.*certificate"):
            call(secure, ca_file=files.stranger_crt)
        assert (secure.received, pauses) == ([], [])

    def test_a_bundle_in_the_environment_does_not_count(self, secure, files, monkeypatch):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(files.authority_crt))
        with pytest.raises(Unreachable, match="certificate"):
            call(secure, ca_file=files.stranger_crt)


class TestFiles:
    def test_that_hold_no_certificate_are_named(self, secure, files):
        with pytest.raises(SettingsError, match=r"empty cannot be used for TLS"):
            call(secure, ca_file=files.empty_file)

    def test_that_are_not_there_are_named(self, secure, files, tmp_path):
        with pytest.raises(SettingsError, match=r"cannot read .*gone.*: No such file"):
            call(secure, cert_file=files.client_crt, key_file=tmp_path / "gone")

    def test_that_do_not_belong_together_are_named(self, secure, files):
        with pytest.raises(SettingsError, match=r"client.crt cannot be used for TLS: .*MISMATCH"):
            call(secure, cert_file=files.client_crt, key_file=files.server_key)
