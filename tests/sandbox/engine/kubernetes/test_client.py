"""Requests that fail for a passing reason are made again; others are not."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox.engine.kubernetes import client as module
from sandbox.engine.kubernetes.client import ApiClient, Request
from sandbox.engine.kubernetes.errors import ApiError, UnreachableError
from sandbox.engine.kubernetes.kubeconfig import Access

LOST = object()
"""The answer never comes: the connection ends instead."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append((self.command, self.path, self.rfile.read(length)))
        answer = self.server.answers.pop(0)
        if answer is LOST:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        code, document = answer
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 - the base class names the methods

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.seen, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cancelled():
    return threading.Event()


@pytest.fixture
def client(server, cancelled):
    access = Access(server=f"http://127.0.0.1:{server.server_port}", namespace="", token="t0ken")
    return ApiClient(access, cancelled)


def failure(code, message="no", reason=""):
    return code, {"kind": "Status", "message": message, "reason": reason}


def test_an_answer_is_returned(server, client):
    server.answers = [(200, {"a": 1})]
    assert client.send(Request("GET", "/api", {"b": "c d"})) == {"a": 1}
    assert server.seen == [("GET", "/api?b=c+d", b"")]


@pytest.mark.parametrize(
    "passing",
    [
        failure(429),
        failure(503),
        failure(504),
        failure(500, "etcdserver: leader changed"),
        failure(403, "not yet ready to handle request"),
        LOST,
    ],
    ids=["429", "503", "504", "leader", "starting", "lost"],
)
def test_what_may_pass_is_tried_again(server, client, passing):
    server.answers = [passing, passing, (200, {})]
    client.send(Request("GET", "/api"))
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "code,message", [(400, "bad"), (403, "forbidden"), (404, "no"), (409, "no"), (500, "panic")]
)
def test_what_will_not_pass_is_told_at_once(server, client, code, message):
    server.answers = [failure(code, message)]
    with pytest.raises(ApiError, match=message) as error:
        client.send(Request("GET", "/api"))
    assert error.value.code == code


def test_a_failure_after_a_lost_answer_says_so(server, client):
    server.answers = [LOST, failure(409, "exists", "AlreadyExists")]
    with pytest.raises(ApiError) as error:
        client.send(Request("POST", "/api", body={}))
    assert error.value.already_exists
    assert error.value.answer_was_lost


def test_nothing_is_lost_when_the_server_was_not_there(cancelled, monkeypatch):
    monkeypatch.setattr(module, "RETRY_WINDOW_SECONDS", 0.3)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        client = ApiClient(Access(server=f"http://127.0.0.1:{port}", namespace=""), cancelled)
        with pytest.raises(UnreachableError, match="connect: connection refused") as error:
            client.send(Request("GET", "/api"))
    assert type(error.value) is UnreachableError


def test_the_user_can_give_up(server, client, cancelled):
    server.answers = [failure(503)] * 3
    cancelled.set()
    with pytest.raises(ApiError):
        client.send(Request("GET", "/api"))
    assert len(server.seen) == 1


def test_text_that_is_no_document_becomes_the_message(server, client):
    server.answers = [(404, b"404 page not found\n")]
    with pytest.raises(ApiError, match=r"^404 page not found$"):
        client.send(Request("GET", "/api"))
