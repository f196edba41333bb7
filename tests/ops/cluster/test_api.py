"""What an API server's refusals become, and what is asked again."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from kubernetes.client import ApiClient, Configuration

from ops.cluster.api import ATTEMPTS, Cluster
from ops.errors import (
    BusyError,
    ClusterError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RefusedError,
    UnreachableError,
)

RBAC = {"reason": "Forbidden", "message": 'pods is forbidden: User "x" cannot list',
        "details": {"kind": "pods"}}  # fmt: skip
WEBHOOK = {
    "reason": "Forbidden",
    "message": 'admission webhook "x" denied: pods is forbidden: User',
}


class Server:
    """Answers as it is told, the last answer for good."""

    def __init__(self):
        self.answers, self.asked = [(200, {})], []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                double.asked.append(self.command)
                status, body = (
                    double.answers.pop(0) if len(double.answers) > 1 else double.answers[0]
                )
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PATCH = do_POST = answer  # noqa: N815 - the library's names

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server():
    double = Server()
    yield double
    double.http.shutdown()
    double.http.server_close()


@pytest.fixture
def cluster(server):
    settings = Configuration(host=f"http://127.0.0.1:{server.http.server_address[1]}")
    settings.retries = False
    made = Cluster(ApiClient(settings), "test")
    yield made
    made.close()


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (401, {}, ForbiddenError),
        (403, RBAC, ForbiddenError),
        (403, WEBHOOK, RefusedError),
        (404, {}, NotFoundError),
        (409, {}, ConflictError),
        (410, {}, ClusterError),
        (422, {"message": "denied"}, RefusedError),
        (429, {}, BusyError),
        (500, {}, ClusterError),
        (503, {}, BusyError),
    ],
)
def test_a_refusal_is_known_by_its_status_and_not_by_its_words(cluster, server, status, body, kind):
    server.answers = [(status, body)]
    with pytest.raises(ClusterError) as refused:
        cluster.request("PATCH", "/x", {"a": 1})
    assert type(refused.value) is kind
    assert server.asked == ["PATCH"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_question_is_asked_again_while_the_server_is_busy(cluster, server, status):
    server.answers = [(status, {}), (status, {}), (200, {"kind": "x"})]
    assert cluster.request("GET", "/x") == {"kind": "x"}


def test_a_question_is_not_asked_for_ever(cluster, server):
    server.answers = [(503, {"message": "etcd is away"})]
    with pytest.raises(BusyError, match="etcd is away"):
        cluster.request("GET", "/x")
    assert len(server.asked) == ATTEMPTS


def test_what_is_not_there_is_told_at_once(cluster, server):
    server.http.server_close()
    server.http.shutdown()
    with pytest.raises(UnreachableError):
        cluster.request("GET", "/x")
