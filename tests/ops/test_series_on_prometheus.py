"""Anomalies, alerts, shares and certificates, asked of a real Prometheus and Alertmanager."""

import time
from datetime import UTC, datetime

import pytest
import requests

from ops.anomalies import get_anomalies
from ops.errors import SourceError
from ops.mesh.mtls import measured_shares
from ops.prometheus import Prometheus
from tests.ops.recordings import Recording

pytestmark = pytest.mark.cluster

RECEIVED = {"reporter": "destination", "destination_workload_namespace": "shop"}
SENT = {
    "reporter": "source",
    "destination_service_name": "api",
    "destination_service_namespace": "shop",
}


def counters(*series):
    """OpenMetrics of counters that grow evenly until now."""
    now = int(time.time())
    lines = ["# TYPE istio_requests counter"]
    for labels, rate in series:
        inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
        lines += [
            f"istio_requests_total{{{inside}}} {rate * (moment - now + 900)} {moment}"
            for moment in range(now - 900, now + 1, 15)
        ]
    return "\n".join([*lines, "# EOF\n"])


@pytest.fixture
def prometheus(monitoring, tmp_path):
    """A Prometheus that holds a recording."""
    opened = []

    def start(text):
        file = tmp_path / "recording.om"
        file.write_text(text)
        opened.append(Prometheus(monitoring(file).prometheus_url))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


class TestAnomalies:
    @pytest.fixture
    def url(self, monitoring, tmp_path):
        recording = Recording(errors=0.5, seen_after=30)
        return monitoring(recording.write(tmp_path / "recording.om")).prometheus_url

    def test_of_the_last_hour_are_shown_though_they_are_over(self, command, url):
        done = command("anomalies", "--prometheus", url, "--since", "1h", "-o", "json")
        assert done.code == 0
        (found,) = done.document["anomalies"]
        assert (found["signal"], found["now"], found["peak"]) == ("errors", False, 3.5)
        assert found["labels"]["destination_service_name"] == "api"
        assert found["first"] < found["last"]
        assert found["expected"] == [0.0, 0.01]
        assert done.document["scored"] == 1

    def test_that_go_on_are_told_by_the_exit_code(self, url):
        server = Prometheus(url)
        during = datetime.fromtimestamp(Recording().fault[0] + 90, UTC)
        found = get_anomalies(server, at=during)
        server.close()
        assert not found.well
        assert found.anomalies[0].score == 3.5

    def test_without_a_score_nothing_is_claimed(self, command, monitoring):
        done = command("anomalies", "--prometheus", monitoring().prometheus_url, "-o", "json")
        assert (done.code, done.document["scored"]) == (0, 0)
        assert "has written no score" in done.document["unknown"][0]


class TestAlerts:
    def test_of_alertmanager_are_shown_and_silenced_ones_are_not(self, command, monitoring):
        url = monitoring().alertmanager_url
        alerts = [
            {
                "labels": {"alertname": name, "severity": severity, "service": "api"},
                "annotations": {"summary": f"{name} it is", "runbook_url": "https://runbook"},
            }
            for name, severity in (("Burning", "critical"), ("Odd", "info"), ("Known", "warning"))
        ]
        requests.post(f"{url}/api/v2/alerts", json=alerts, timeout=30).raise_for_status()
        silence = {
            "matchers": [{"name": "alertname", "value": "Known", "isRegex": False}],
            "startsAt": "2020-01-01T00:00:00Z",
            "endsAt": "2100-01-01T00:00:00Z",
            "createdBy": "test",
            "comment": "known",
        }
        requests.post(f"{url}/api/v2/silences", json=silence, timeout=30).raise_for_status()
        done = command("alerts", "--alertmanager", url, "-o", "json")
        assert done.code == 3
        found = [(a["name"], a["severity"], a["summary"]) for a in done.document["alerts"]]
        assert found == [("Burning", "critical", "Burning it is"), ("Odd", "info", "Odd it is")]

    def test_there_are_none(self, command, monitoring):
        started = monitoring()
        for option, url in (
            ("--alertmanager", started.alertmanager_url),
            ("--prometheus", started.prometheus_url),
        ):
            done = command("alerts", option, url)
            assert (done.code, done.out) == (0, "no alert fires\n")


class TestShares:
    def test_of_mutual_tls_are_measured_where_requests_arrive(self, prometheus):
        secure = {**RECEIVED, "connection_security_policy": "mutual_tls"}
        plain = {**RECEIVED, "connection_security_policy": "none"}
        shares, source = measured_shares(prometheus(counters((secure, 9), (plain, 1))))
        assert shares["shop"] == pytest.approx(0.9, abs=0.01)
        assert source == "requests of the last five minutes"


class TestServer:
    def test_a_wrong_query_is_told_in_the_servers_words(self, prometheus):
        with pytest.raises(SourceError, match=r"answered 400: .*parse error"):
            prometheus(counters()).query("sum(")
