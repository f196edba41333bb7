"""Which critical alerts are watched, and which fire."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from delivery.errors import ClusterError
from delivery.prometheus import TOKEN_FILE_VARIABLE, Prometheus


@pytest.fixture
def server():
    """A Prometheus that answers as it is told, and remembers who asked."""
    answers, asked = {"status": 200, "body": b""}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            self.send_response(answers["status"])
            self.end_headers()
            self.wfile.write(answers["body"])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}/", answers, asked
        http.shutdown()
        thread.join()


def rules(*found):
    named = [
        {"name": name, "state": state, "labels": {"severity": severity}}
        for name, state, severity in found
    ]
    return json.dumps({"status": "success", "data": {"groups": [{"rules": named}]}}).encode()


def test_critical_alerts_that_fire_are_named_once(server):
    url, answers, _ = server
    answers["body"] = rules(
        ("GatewayDown", "firing", "critical"),
        ("GatewayDown", "firing", "critical"),
        ("DiskFull", "pending", "critical"),
        ("Slow", "firing", "warning"),
    )
    found = Prometheus(url).alerts()
    assert (found.watched, found.firing) == (3, ("GatewayDown",))


def test_without_any_rule_nothing_is_watched(server):
    url, answers, _ = server
    answers["body"] = rules()
    assert Prometheus(url).alerts().watched == 0


def test_rules_without_labels_are_not_critical(server):
    url, answers, _ = server
    answers["body"] = json.dumps(
        {"status": "success", "data": {"groups": [{"rules": [{"name": "x", "state": "firing"}]}]}}
    ).encode()
    assert Prometheus(url).alerts().watched == 0


def test_a_token_is_read_from_its_file(server, tmp_path, monkeypatch):
    url, answers, asked = server
    answers["body"] = rules()
    (tmp_path / "token").write_text("made-up\n")
    monkeypatch.setenv(TOKEN_FILE_VARIABLE, str(tmp_path / "token"))
    Prometheus(url).alerts()
    assert asked == [("/api/v1/rules?type=alert", "Bearer made-up")]


@pytest.mark.parametrize(
    "status, body, says",
    [
        (200, b"<html>", "answers 200 and no JSON"),
        (503, b'{"status": "error", "error": "not ready"}', "answers 503: not ready"),
        (200, b"[]", "answers 200"),
        (200, b'{"status": "success", "data": {}}', "does not answer as Prometheus does"),
        (200, b'{"status": "success", "data": {"groups": [{}]}}', "as Prometheus does"),
    ],
)
def test_an_answer_of_another_kind_is_told(server, status, body, says):
    url, answers, _ = server
    answers.update(status=status, body=body)
    with pytest.raises(ClusterError, match=says):
        Prometheus(url).alerts()


def test_no_answer_is_told():
    with pytest.raises(ClusterError, match="does not answer"):
        Prometheus("http://127.0.0.1:1").alerts()
