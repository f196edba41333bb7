"""Prometheus and Alertmanager with their real processes."""

import json
import subprocess
import sys
import time

import pytest
import requests

from sandbox.folder import CHECKOUT
from sandbox.monitoring import Monitoring
from tests.cluster.sockets import LOOPBACK, listening_addresses

pytestmark = pytest.mark.cluster

MINUTE, DAY = 60, 86_400


def ask(url, path, **parameters):
    answer = requests.get(f"{url}{path}", params=parameters, timeout=30)
    answer.raise_for_status()
    return answer.json()


def command(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "--folder", folder, *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def recording(tmp_path):
    """A counter of a request a minute, over the twenty days before this minute."""
    now = int(time.time()) // MINUTE * MINUTE
    times = range(now - 20 * DAY, now + 1, MINUTE)
    lines = [f"shop_requests_total {place} {moment}" for place, moment in enumerate(times)]
    file = tmp_path / "recording.om"
    file.write_text("\n".join(["# TYPE shop_requests counter", *lines, "# EOF\n"]))
    return file


class TestProcesses:
    def test_every_socket_is_on_loopback(self, monitoring):
        for service in monitoring().group.services():
            addresses = set(listening_addresses(service.process.pid))
            assert addresses, service.name
            assert addresses <= LOOPBACK, service.name

    def test_recorded_series_can_be_read_at_once(self, monitoring, recording):
        url = monitoring(recording).prometheus_url
        query = "count_over_time(shop_requests_total[30d])"
        (series,) = ask(url, "/api/v1/query", query=query)["data"]["result"]
        assert series["value"][1] == str(20 * DAY // MINUTE + 1)

    def test_alerts_can_be_sent_and_read(self, monitoring):
        url = f"{monitoring().alertmanager_url}/api/v2/alerts"
        sent = [{"labels": {"alertname": "ServiceIsSlow", "service": "shop"}}]
        assert requests.post(url, json=sent, timeout=30).status_code == 200
        (alert,) = ask(url, "")
        assert alert["labels"] == sent[0]["labels"]


class TestCommands:
    def test_up_and_down(self, tmp_path, monitoring_programs, recording):
        up = command(tmp_path / "run", "monitoring", "up", "--recording", str(recording))
        try:
            assert up.returncode == 0, up.stderr
            assert "prometheus" in up.stdout
            again = command(tmp_path / "run", "monitoring", "up")
            assert again.stdout == up.stdout
            refused = command(tmp_path / "run", "monitoring", "up", "--recording", str(recording))
            assert refused.returncode == 2
            assert "take the monitoring down first" in refused.stderr
        finally:
            down = command(tmp_path / "run", "monitoring", "down")
        assert down.returncode == 0, down.stderr
        assert not (tmp_path / "run" / "monitoring").exists()

    def test_a_file_that_is_no_recording_is_refused(self, tmp_path, monitoring_programs):
        file = tmp_path / "notes.txt"
        file.write_text("buy milk\n")
        up = command(tmp_path / "run", "monitoring", "up", "--recording", str(file))
        assert up.returncode == 2
        assert "notes.txt cannot be loaded; it must be OpenMetrics text" in up.stderr
        assert "Traceback" not in up.stderr

    def test_a_sandbox_shows_it_and_takes_it_down(self, own_sandbox, monitoring_programs):
        root = own_sandbox.folder.root
        assert command(root, "monitoring", "up").returncode == 0
        services = json.loads(command(root, "status", "-o", "json").stdout)["services"]
        assert {"kube-apiserver", "prometheus", "alertmanager"} <= {s["name"] for s in services}
        assert command(root, "logs", "prometheus").returncode == 0
        processes = [s.process for s in Monitoring(own_sandbox.folder.monitoring).group.services()]
        down = command(root, "down")
        assert down.returncode == 0, down.stderr
        assert not any(process.alive for process in processes)
        assert not root.exists()
