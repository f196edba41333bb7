"""Probes over TLS: whom they trust."""

import http.server
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.control_plane.certificates import CertificateAuthority
from sandbox.supervision.probe import Probe


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@contextmanager
def served(authority: CertificateAuthority) -> Iterator[str]:
    pair = authority.server("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_authority_of_the_present_start_is_trusted_under_the_name_of_the_last_one(tmp_path):
    """A group that is started anew has new certificates in the same files."""
    for start in range(2):
        authority = CertificateAuthority.create(tmp_path, "test")
        os.utime(authority.certificate, (start, start))
        with served(authority) as url:
            assert Probe(url=url, authority=authority.certificate).passes()


def test_another_authority_is_not_trusted(tmp_path):
    """Whoever took the port of a service is not taken for it."""
    (tmp_path / "other").mkdir()
    stranger = CertificateAuthority.create(tmp_path / "other", "test")
    authority = CertificateAuthority.create(tmp_path, "test")
    with served(stranger) as url:
        assert Probe(url=url, authority=authority.certificate).status() is None


def test_a_service_whose_authority_is_not_there_yet_does_not_answer(tmp_path):
    """Its certificates are made before it starts."""
    probe = Probe(url="https://127.0.0.1:9/", authority=tmp_path / "none.crt")
    assert probe.status() is None
