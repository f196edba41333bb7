"""Questions to a Prometheus that does not answer as it should."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops.errors import SourceError, UsageError
from ops.prometheus import TOKEN_FILE, Prometheus


@pytest.fixture
def server():
    """A server that answers what a test says, and remembers what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, dict(self.headers)))
            self.send_response(answer["status"])
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, *_):
            pass

    answer = {"status": 200, "body": b"{}"}
    seen = []
    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.05,))
    thread.start()
    answer["url"] = f"127.0.0.1:{running.server_port}"
    answer["seen"] = seen
    yield answer
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def ask(server):
    """Ask it once."""

    def call(prefix=""):
        asked = Prometheus(f"http://{prefix}{server['url']}")
        try:
            return asked.query("up")
        finally:
            asked.close()

    return call


VECTOR = b'{"status":"success","data":{"resultType":"vector","result":[%s]}}'


class TestAnswers:
    def test_are_labels_and_values(self, server, ask):
        server["body"] = VECTOR % b'{"metric":{"job":"a"},"value":[1,"2.5"]}'
        assert ask() == [({"job": "a"}, 2.5)]

    def test_leave_out_what_is_no_number(self, server, ask):
        server["body"] = VECTOR % b'{"metric":{},"value":[1,"NaN"]}'
        assert ask() == []

    @pytest.mark.parametrize(
        "status, body, said",
        [
            (200, b"<html>", "answered 200, and not with JSON; is it the right server"),
            (502, b"Bad Gateway", "answered 502, and not with JSON"),
            (422, b'{"status":"error","error":"too many points"}', "answered 422: too many points"),
            (200, b"{}", "did not answer as Prometheus does"),
            (200, b'{"data":{"resultType":"matrix","result":[]}}', "a matrix, not a vector"),
            (200, b"[]", "did not answer as Prometheus does"),
        ],
    )
    def test_that_are_none_are_told(self, server, ask, status, body, said):
        server["status"], server["body"] = status, body
        with pytest.raises(SourceError, match=said):
            ask()


class TestAddress:
    def test_nobody_there_is_told_with_what_may_help(self):
        nobody = Prometheus("http://127.0.0.1:9")
        with pytest.raises(SourceError, match=r"cannot be reached .*port-forward"):
            nobody.query("up")
        nobody.close()

    def test_a_password_is_used_and_never_shown(self, server, ask):
        server["status"] = 500
        with pytest.raises(SourceError) as failure:
            ask("ann:secret@")
        assert "secret" not in str(failure.value)
        _, headers = server["seen"][0]
        assert headers["Authorization"].startswith("Basic ")

    def test_a_token_comes_from_a_file(self, server, ask, tmp_path, monkeypatch):
        (tmp_path / "token").write_text("t0ken\n")
        monkeypatch.setenv(TOKEN_FILE, str(tmp_path / "token"))
        server["body"] = VECTOR % b""
        ask()
        assert server["seen"][0][1]["Authorization"] == "Bearer t0ken"

    def test_a_token_file_that_is_not_there_is_told(self, monkeypatch):
        monkeypatch.setenv(TOKEN_FILE, "/nowhere")
        with pytest.raises(UsageError, match="PROMETHEUS_TOKEN_FILE names /nowhere"):
            Prometheus("http://127.0.0.1:9")

    @pytest.mark.parametrize("url", ["127.0.0.1:9090", "file:///etc/passwd", ""])
    def test_what_is_no_address_is_refused(self, url):
        with pytest.raises(UsageError, match="begins with http"):
            Prometheus(url)
