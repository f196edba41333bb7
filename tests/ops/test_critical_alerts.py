"""Which critical alerts are watched, and which fire."""

import os
import signal
import time

import pytest

from ops.alerts import critical
from ops.errors import SourceError
from ops.prometheus import TOKEN_FILE, Prometheus


def test_critical_alerts_that_fire_are_named_once(rules):
    rules.serve(
        ("GatewayDown", "firing", "critical"),
        ("GatewayDown", "firing", "critical"),
        ("DiskFull", "pending", "critical"),
        ("Slow", "firing", "warning"),
    )
    found = critical(Prometheus(rules.url))
    assert (found.rules, found.firing) == (3, {"GatewayDown"})


def test_without_any_rule_nothing_is_watched(rules):
    rules.serve()
    assert critical(Prometheus(rules.url)).rules == 0


def test_rules_without_labels_are_not_critical(rules):
    rules.serve_rules([{"name": "x", "state": "firing"}])
    assert critical(Prometheus(rules.url)).rules == 0


def test_a_token_is_read_from_its_file(rules, tmp_path, monkeypatch):
    rules.serve()
    (tmp_path / "token").write_text("made-up\n")
    monkeypatch.setenv(TOKEN_FILE, str(tmp_path / "token"))
    critical(Prometheus(rules.url))
    assert rules.asked == [("/api/v1/rules?type=alert", "Bearer made-up")]


@pytest.mark.parametrize(
    "status, body, says",
    [
        (200, b"<html>", "answered 200, and not with JSON"),
        (503, b'{"status": "error", "error": "not ready"}', "answered 503: not ready"),
        (200, b"[]", "as Prometheus does"),
        (200, b'{"status": "success", "data": {}}', "does not answer as Prometheus does"),
        (200, b'{"status": "success", "data": {"groups": [{}]}}', "as Prometheus does"),
    ],
)
def test_an_answer_of_another_kind_is_told(rules, status, body, says):
    rules.status, rules.body = status, body
    with pytest.raises(SourceError, match=says):
        critical(Prometheus(rules.url))


def test_no_answer_is_told():
    with pytest.raises(SourceError, match="cannot be reached"):
        critical(Prometheus("http://127.0.0.1:1"))


ALERTS = """\
groups:
  - name: test
    interval: 1s
    rules:
      - {alert: AlwaysThere, expr: vector(1), labels: {severity: critical}}
      - {alert: NeverThere, expr: vector(0) > 1, labels: {severity: critical}}
      - {alert: OnlyAWarning, expr: vector(1), labels: {severity: warning}}
      - {record: no_alert, expr: vector(1)}
"""


@pytest.mark.cluster
class TestARealPrometheus:
    def test_without_rules_watches_nothing(self, monitoring):
        found = critical(Prometheus(monitoring().prometheus_url))
        assert (found.rules, found.firing) == (0, frozenset())

    def test_tells_what_it_watches_and_what_fires(self, monitoring):
        running = monitoring()
        configuration = running.root / "prometheus.yaml"
        (configuration.parent / "alerts.yml").write_text(ALERTS)
        with configuration.open("a") as file:
            file.write("rule_files: [alerts.yml]\n")
        (service,) = [s for s in running.group.services() if s.name == "prometheus"]
        os.kill(service.process.pid, signal.SIGHUP)
        asked, deadline = Prometheus(running.prometheus_url), time.monotonic() + 60
        while not (found := critical(asked)).firing and time.monotonic() < deadline:
            time.sleep(0.2)
        assert (found.rules, found.firing) == (2, {"AlwaysThere"})
