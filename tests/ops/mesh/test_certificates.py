"""How long certificates still live."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ops.mesh.certificates import expiries, trusted_roots, workload_certificates
from tests.ops.conftest import made

END = datetime(2030, 5, 17, 8, 30, tzinfo=UTC)


def root(end=END, name="root"):
    """The PEM of a certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def bundle(namespace, pem):
    return made("ConfigMap", "istio-ca-root-cert", namespace, data={"root-cert.pem": pem})


class TestRoots:
    def test_are_read_from_the_cluster(self):
        assert expiries(root()) == [END]

    def test_several_in_one_bundle_are_all_seen(self):
        later = END + timedelta(days=365)
        assert sorted(expiries(root() + root(later, "new"))) == [END, later]

    @pytest.mark.parametrize("pem", ["", "rubbish", "-----BEGIN CERTIFICATE-----\nAA=="])
    def test_what_is_none_is_left_out(self, pem):
        assert expiries(pem) == []

    def test_one_that_all_trust_is_shown_once(self):
        pem = root()
        (found,) = trusted_roots([bundle("shop", pem), bundle("infra", pem)], END)
        assert (found.namespaces, found.expires) == (("infra", "shop"), END)

    @pytest.mark.parametrize("soon, low", [(END + timedelta(1), True), (END - timedelta(1), False)])
    def test_one_that_ends_soon_is_told(self, soon, low):
        (found,) = trusted_roots([bundle("shop", root())], soon)
        assert found.low is low


class TestWorkloads:
    @pytest.mark.parametrize("hours, low", [(5.9, True), (6.1, False)])
    def test_one_that_was_not_renewed_is_told(self, hours, low):
        samples = [({"namespace": "shop", "pod": "api-1"}, hours * 3600)]
        (found,) = workload_certificates(samples, timedelta(hours=6))
        assert (found.low, found.pod) == (low, "api-1")
