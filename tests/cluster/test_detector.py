"""A fault in recorded series becomes scores, an alert and one message, and is over when it is over.

The detector is deployed by the engine; its pod's exact command reads from a real Prometheus, writes
to it, and tells a real Alertmanager and a Slack on loopback. The tests build on one another.
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import yaml

from sandbox.cli import main
from sandbox.session import STACK, open_workspace
from tests.cluster.recordings import DAY, SCRAPE_SECONDS, Fault, istio_recording
from tests.conftest import run_monitoring, run_sandbox
from tests.program.stacks import configuration, manifest
from tests.program.stacks import run as run_program
from tests.recording import PROJECT

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

MINUTE = 60
HOME = "anomaly-detection"
NAMESPACE = "brisa-sandbox"
SERVICES = ("web", "api-service", "booking-service", "notification-service")
FAULTY = "api-service"
WEBHOOK = "/services/T0/B0/hunter2"
PROMETHEUS = "prometheus.monitoring.svc.cluster.local:9090"
ALERTMANAGER = "alertmanager.monitoring.svc.cluster.local:9093"
LAST_SUCCESS = "anomaly_detector_last_success_timestamp_seconds"
# The detector alone, and what it must wait for: a whole stack takes minutes.
TARGETS = (
    "**AnomalyDetector**",
    "**AdmissionPolicies**",
    "**ReleaseRecord**",
    "**kubernetes::cluster",
)


class Slack:
    """Takes messages and keeps them."""

    def __init__(self):
        self.messages = []
        kept = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"]))
                kept.append((self.path, json.loads(text)))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def slack():
    receiver = Slack()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, toolchain):
    yield from run_sandbox(tmp_path_factory.mktemp("detector") / "run", toolchain)


@pytest.fixture(scope="module")
def up(cluster, toolchain):
    """Bring the stack's detector up, with some keys of its area set."""
    engine = open_workspace(cluster.folder, toolchain)
    engine.ensure_stack(STACK)
    secret = ["config", "set", "--secret", "brisa-platform:anomalySlackWebhook"]
    engine.capture([*secret, "--stack", STACK], stdin=f"https://hooks.slack.com{WEBHOOK}")
    targets = [word for target in TARGETS for word in ("--target", target)]

    def up(**keys):
        for key, value in keys.items():
            path = ["config", "set", "--path", f"brisa-platform:anomaly.{key}", value]
            engine.capture([*path, "--stack", STACK])
        engine.capture(["up", "--yes", "--skip-preview", "--stack", STACK, *targets])

    return up


@pytest.fixture(scope="module", autouse=True)
def detector(up):
    """Runs once an hour, so that a fault of an hour is news."""
    up(intervalMinutes="60")


@pytest.fixture(scope="module")
def onset():
    """When the fault begins; less than an hour ago, so that it is news to the first run."""
    return int(time.time()) // (5 * MINUTE) * 5 * MINUTE - 50 * MINUTE


@pytest.fixture(scope="module")
def recording(tmp_path_factory, onset):
    """Eight days of the stack's services, up to now, with a fault of some minutes."""

    def make(minutes):
        path = tmp_path_factory.mktemp("recording") / "istio.om"
        times = range(onset - 8 * DAY, int(time.time()) + 1, SCRAPE_SECONDS)
        fault = Fault(FAULTY, onset, onset + minutes * MINUTE)
        return istio_recording(path, NAMESPACE, SERVICES, times, fault)

    return make


@pytest.fixture(scope="module")
def faulty(tmp_path_factory, monitoring_programs, recording):
    """Prometheus while the fault goes on, and the Alertmanager of all tests."""
    root = tmp_path_factory.mktemp("faulty") / "monitoring"
    with run_monitoring(root, monitoring_programs, recording(minutes=120)) as running:
        yield running


@pytest.fixture
def run(cluster, slack, faulty, capfd):
    """The pod's command; returns the exit code, the report and what was said."""

    def run(prometheus):
        addresses = {
            PROMETHEUS: prometheus.prometheus_url,
            ALERTMANAGER: faulty.alertmanager_url,
            "hooks.slack.com": slack.url,
        }
        mapped = [word for pair in addresses.items() for word in ("--map", "=".join(pair))]
        folder = ["--folder", str(cluster.folder.root)]
        code = main([*folder, "run-cronjob", f"{HOME}/anomaly-detector", *mapped])
        printed = capfd.readouterr()
        assert code == 0, printed.err
        return json.loads(printed.out), printed.err

    return run


def query(monitoring, promql, **parameters):
    """Value by service."""
    url = f"{monitoring.prometheus_url}/api/v1/query"
    answer = requests.get(url, params={"query": promql, **parameters}, timeout=30).json()
    return {
        series["metric"].get("destination_service_name"): float(series["value"][1])
        for series in answer["data"]["result"]
    }


def alerts(monitoring):
    """What Alertmanager holds of what goes on."""
    answer = requests.get(f"{monitoring.alertmanager_url}/api/v2/alerts", timeout=30)
    return answer.json()


WAYS = {
    "deployment": {"mode": "deployment"},
    "deployment with state": {"mode": "deployment", "state": {"storageClass": "fast"}},
    "shards": {"shards": 3, "state": {"accessMode": "ReadWriteMany"}},
    "outside servers": {
        "prometheusNamespace": None,
        "results": {"remoteWrite": {"url": "https://mimir.example/api/v1/push", "namespace": None}},
    },
    "existing secret": {"existingSecret": {"name": "keys", "entries": ["pagerduty-key"]}},
}


def afresh(tried):
    """A claim cannot be changed: it is tried as a new one."""
    if tried["kind"] != "PersistentVolumeClaim":
        return tried
    return tried | {"metadata": tried["metadata"] | {"name": "tried"}}


@pytest.mark.parametrize("keys", WAYS.values(), ids=WAYS.keys())
def test_every_way_of_running_it_is_taken_by_the_api_server(cluster, keys):
    area = json.loads(configuration(f"{STACK}.without-node")[f"{PROJECT}:anomaly"]) | keys
    graph = run_program(f"{STACK}.without-node", {f"{PROJECT}:anomaly": json.dumps(area)})
    objects = [
        afresh(manifest(item))
        for item in graph.objects
        if item.inputs.get("metadata", {}).get("namespace") == HOME
    ]
    taken = cluster.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts",
        "-f", "-", stdin=yaml.safe_dump_all(objects),
    )  # fmt: skip
    assert len(taken.splitlines()) == len(objects)


class TestFault:
    def test_becomes_scores_above_the_threshold(self, run, faulty):
        run(faulty)
        scores = query(faulty, 'max_over_time(anomaly_score{for="latency_p95"}[1h])')
        assert set(scores) == set(SERVICES)
        assert scores.pop(FAULTY) > 1
        assert max(scores.values()) < 1

    def test_leaves_the_band_that_is_written_with_them(self, faulty, onset):
        edges = [
            query(faulty, f'{edge}{{for="latency_p95"}}', time=onset + 5 * MINUTE)
            for edge in ("yhat_lower", "yhat", "yhat_upper")
        ]
        lower, expected, upper = (values[FAULTY] for values in edges)
        assert lower < expected < upper < 200

    def test_becomes_an_alert(self, faulty):
        found = alerts(faulty)
        assert {alert["labels"]["service"] for alert in found} == {f"{NAMESPACE}/{FAULTY}"}
        assert {"latency_p95", "error_rate"} <= {alert["labels"]["signal"] for alert in found}
        assert {alert["status"]["state"] for alert in found} == {"active"}

    def test_becomes_one_message(self, slack):
        ((path, message),) = slack.messages
        assert path == WEBHOOK
        assert FAULTY in json.dumps(message)

    def test_the_detector_says_of_itself_that_it_ran(self, faulty):
        (moment,) = query(faulty, LAST_SUCCESS).values()
        assert time.time() - moment < 10 * MINUTE

    def test_is_not_told_again_by_the_next_run(self, run, faulty, slack):
        before = {alert["labels"]["key"] for alert in alerts(faulty)}
        run(faulty)
        assert len(slack.messages) == 1
        assert {alert["labels"]["key"] for alert in alerts(faulty)} == before


class TestRecovery:
    @pytest.fixture
    def recovered(self, tmp_path, monitoring_programs, recording, onset):
        """Prometheus when the fault is over; the last run had seen it."""
        success = tmp_path / "success.om"
        moment = onset + 8 * MINUTE
        labels = 'environment="sandbox",shard="0-of-1"'
        success.write_text(
            f"# TYPE {LAST_SUCCESS} gauge\n{LAST_SUCCESS}{{{labels}}} {moment} {moment}\n# EOF\n"
        )
        recorded = (recording(minutes=10), success)
        with run_monitoring(tmp_path / "monitoring", monitoring_programs, *recorded) as running:
            yield running

    def test_resolves_the_alert_and_is_told_once(self, up, run, recovered, faulty, slack):
        # One that is sure of a recovery at once; the default waits for hours.
        up(method="zscore", **{"alerting.recoveryPoints": "2"})
        assert alerts(faulty)
        run(recovered)
        assert alerts(faulty) == []
        _, (_, message) = slack.messages
        assert "over" in message["text"]
