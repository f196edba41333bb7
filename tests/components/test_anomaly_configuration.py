import json
import random

import pytest

from anomaly.settings import load
from components.anomaly_configuration import configuration
from components.anomaly_signals import masks, signals
from settings.detection import REQUESTS, SATURATION

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
EVERY_SECRET = ("prometheus", "remote-write", "alertmanager", "slack-webhook", "pagerduty-key")
NIGHTLY = {"name": "backup", "schedule": "0 2 * * *", "duration": "1h30m"}

FULL = {
    "lookback": "48h",
    "step": "1m0s",
    "method": "iqr",
    "prometheusAccess": {"username": "me", "tenant": "team-a", "tenantHeader": "THANOS-TENANT"},
    "signals": {
        "saturation": True,
        "rateWindow": "10m",
        "tuned": [{"signal": "traffic", "direction": "below", "minimumRelativeDeviation": 0.5}],
        "extra": [
            {"name": "queue_depth", "query": "queue_depth", "kind": "saturation", "unit": "jobs"},
            {"name": "checkout_errors", "query": "a / b", "kind": "errors", "traffic": "b"},
        ],
    },
    "timezone": "America/Havana",
    "alerting": {
        "falseDiscoveryRate": None,
        "persistentPoints": 5,
        "groupGap": "1h",
        "recoveryPoints": 6,
    },
    "masks": [
        {**NIGHTLY, "timezone": "Europe/Berlin", "signals": ["traffic"]},
        {**NIGHTLY, "services": ["web"], "effect": "exclude"},
        {
            "name": "fair",
            "start": "2026-11-02T03:00",
            "end": "2026-11-03T03:00",
            "match": {"a": "b|c"},
        },
    ],
    "results": {
        "remoteWrite": {
            "url": "https://mimir.example/api/v1/push",
            "namespace": None,
            "access": {"tenant": "team-a", "authority": CERTIFICATE},
        },
        "alertmanager": {
            "url": "http://alertmanager.monitoring:9093",
            "replicas": ["http://alertmanager-1.monitoring:9093"],
            "labels": {"severity": "info", "team": "shop"},
        },
        "slack": {"minimumSeverity": "info"},
        "pagerduty": {"url": "https://events.eu.pagerduty.com/v2/enqueue"},
        "dashboard": "https://grafana.example/d/anomaly?var-service={service}&from={from}&to={to}",
        "runbook": "https://docs.example/{signal}",
    },
    "state": {},
}


@pytest.fixture
def services(service):
    return [service(), service(name="web", namespace="front")]


@pytest.fixture
def document(anomaly, services):
    """The configuration file as written for some settings."""

    def make(*, entries=(), **keys):
        files = configuration(anomaly(**keys), services, environment="staging", entries=entries)
        return json.loads(files["anomaly.json"])

    return make


@pytest.fixture
def read(document, tmp_path):
    """The same, as the detector reads it."""

    def make(*, environment=None, **keys):
        path = tmp_path / "anomaly.json"
        path.write_text(json.dumps(document(**keys)))
        return load(path, environment or {"PROMETHEUS_URL": "https://prometheus:9090"})

    return make


class TestDetectorReads:
    """What is written is read by the detector's own reader."""

    def test_the_defaults(self, read):
        settings = read()
        assert settings.environment == "staging"
        assert (settings.lookback_seconds, settings.step_seconds) == (14 * 86_400, 300)
        assert settings.detector.method == "calibrated"
        assert [signal.name for signal in settings.signals] == list(REQUESTS)
        assert str(settings.state.folder) == "/state"
        assert settings.results.slack is None

    @pytest.mark.parametrize(
        "method",
        ["calibrated", "ensemble", "zscore", "moving_average", "iqr", "exponential_smoothing"],
    )
    def test_every_method(self, read, method):
        assert read(method=method).detector.method == method

    @pytest.mark.parametrize("preset", ["istio", "http", "none"])
    @pytest.mark.parametrize("seed", range(5))
    def test_whatever_is_set(self, read, preset, seed):
        choice = random.Random(seed)
        keys = {key: value for key, value in FULL.items() if seed == 0 or choice.random() < 0.6}
        standard = {"tuned": []} if preset == "none" else {}
        keys["signals"] = {**FULL["signals"], **standard, "preset": preset}
        keys["masks"] = [
            mask for mask in keys.get("masks", ()) if preset != "none" or not mask.get("signals")
        ]
        settings = read(entries=EVERY_SECRET, **keys)
        assert "queue_depth" in [signal.name for signal in settings.signals]

    def test_everything_at_once(self, read):
        settings = read(entries=EVERY_SECRET, **FULL)
        assert (settings.lookback_seconds, settings.step_seconds) == (172_800, 60)
        assert settings.detector.method == "iqr"
        assert settings.detector.time_zone == "America/Havana"
        assert settings.detector.recovery_points == 6
        assert settings.prometheus.basic_auth.username == "me"
        assert str(settings.prometheus.basic_auth.password.file) == "/secrets/prometheus"
        assert settings.prometheus.tenant_header == "THANOS-TENANT"
        assert settings.alerting.false_discovery is None
        assert settings.alerting.persistent_points == 5
        assert settings.alerting.group_gap_seconds == 3600
        assert str(settings.state.folder) == "/state"

    def test_whom_it_tells(self, read):
        results = read(entries=EVERY_SECRET, **FULL).results
        assert str(results.remote_write.ca_file) == "/config/remote-write-ca.crt"
        assert str(results.remote_write.bearer_token.file) == "/secrets/remote-write"
        assert results.alertmanager.replicas == ("http://alertmanager-1.monitoring:9093",)
        assert results.alertmanager.labels == {"severity": "info", "team": "shop"}
        assert str(results.slack.webhook.file) == "/secrets/slack-webhook"
        assert results.slack.min_severity == "info"
        assert str(results.pagerduty.routing_key.file) == "/secrets/pagerduty-key"
        assert results.pagerduty.url == "https://events.eu.pagerduty.com/v2/enqueue"
        assert results.runbook_url == "https://docs.example/{signal}"

    def test_the_variables_of_the_pod_on_top(self, read):
        variables = {
            "PROMETHEUS_URL": "http://prometheus:9090",
            "ANOMALY_CHECK_INTERVAL_MINUTES": "5",
            "JOB_COMPLETION_COUNT": "4",
            "JOB_COMPLETION_INDEX": "3",
        }
        settings = read(environment=variables)
        assert settings.prometheus.url == "http://prometheus:9090"
        assert settings.interval_minutes == 5
        assert settings.shard.name == "3-of-4"


class TestFiles:
    def test_what_the_environment_says_is_not_said_twice(self, document):
        written = document()
        assert not {"enabled", "interval_minutes", "shards"} & set(written)
        assert "url" not in written["prometheus"]
        assert not {"zscore_threshold", "moving_average_percent"} & set(written["detector"])

    def test_the_order_of_the_catalogue_does_not_matter(self, anomaly, services):
        first, second = (
            configuration(anomaly(), order, environment="x") for order in (services, services[::-1])
        )
        assert first == second

    def test_certificates_lie_beside_the_file_that_names_them(self, anomaly, services):
        files = configuration(anomaly(**FULL), services, environment="x")
        assert files["remote-write-ca.crt"] == CERTIFICATE
        assert set(files) == {"anomaly.json", "remote-write-ca.crt"}

    def test_nobody_is_told_without_a_secret(self, document):
        assert document(results={})["results"] == {}

    def test_slack_and_pagerduty_are_on_as_soon_as_their_secrets_are_there(self, document):
        assert set(document(entries=["slack-webhook"])["results"]) == {"slack"}
        assert set(document(entries=["pagerduty-key"])["results"]) == {"pagerduty"}


class TestSignals:
    def written(self, anomaly, services, **keys):
        return {
            signal["name"]: signal for signal in signals(anomaly(signals=keys).signals, services)
        }

    def test_names_are_those_that_the_settings_know(self, anomaly, services):
        made = self.written(anomaly, services, saturation=True)
        assert tuple(made) == REQUESTS + SATURATION

    def test_of_istio_select_all_services_at_once(self, anomaly, services):
        for signal in self.written(anomaly, services).values():
            assert 'destination_service_name=~"api-service|web"' in signal["query"]
            assert 'destination_service_namespace=~"brisa|front"' in signal["query"]
            assert 'reporter="destination"' in signal["query"]

    def test_of_plain_services_have_the_labels_that_these_use(self, anomaly, services):
        labels = {"namespace": "kubernetes_namespace", "service": "app", "status": "status"}
        made = self.written(anomaly, services, preset="http", labels=labels)
        assert 'app=~"api-service|web"' in made["traffic"]["query"]
        assert 'status=~"5.."' in made["error_rate"]["query"]

    def test_rates_are_taken_over_the_window(self, anomaly, services):
        assert "[10m]" in self.written(anomaly, services, rateWindow="10m")["traffic"]["query"]

    def test_tuning_stands_at_its_signal_only(self, anomaly, services):
        made = self.written(anomaly, services, tuned=[{"signal": "traffic", "floor": 2}])
        assert made["traffic"]["floor"] == 2
        assert "floor" not in made["latency_p95"]

    def test_latency_is_weighed_by_traffic(self, anomaly, services):
        assert "istio_request" in self.written(anomaly, services)["latency_p99"]["traffic"]


class TestMasks:
    def test_of_services_name_the_label_of_each_signal(self, anomaly):
        settings = anomaly(
            signals={"saturation": True, "extra": [{"name": "queue_depth", "query": "q"}]},
            masks=[{**NIGHTLY, "services": ["web", "api"], "signals": ["traffic", "queue_depth"]}],
        )
        by_label = {tuple(mask["match"]): mask for mask in masks(settings)}
        assert set(by_label) == {("destination_service_name",), ("service",)}
        istio, own = by_label["destination_service_name",], by_label["service",]
        assert istio["match"]["destination_service_name"] == own["match"]["service"] == "api|web"
        assert (istio["signals"], own["signals"]) == (["traffic"], ["queue_depth"])

    def test_of_everything_name_none(self, anomaly):
        (mask,) = masks(anomaly(masks=[NIGHTLY]))
        assert (mask["signals"], mask["match"], mask["duration_minutes"]) == ((), {}, 90)
