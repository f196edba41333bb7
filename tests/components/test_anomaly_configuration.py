import json

import pytest

from anomaly.settings import load
from components.anomaly_configuration import configuration, signals


@pytest.fixture
def services(service):
    return [service(), service(name="web", namespace="front")]


class TestSignals:
    def test_are_the_four_of_the_original_design(self, services):
        assert set(signals(services)) == {"latency_p95", "latency_p99", "error_rate", "traffic"}

    def test_select_all_services_at_once_by_what_istio_calls_them(self, services):
        for query in signals(services).values():
            assert 'destination_service_name=~"api-service|web"' in query
            assert 'destination_service_namespace=~"brisa|front"' in query
            assert 'reporter="destination"' in query

    def test_a_service_without_failures_has_an_error_rate_of_zero(self, services):
        assert " or 0 * " in signals(services)["error_rate"]


class TestConfiguration:
    def test_the_detector_reads_what_is_written(self, anomaly, services, tmp_path):
        settings = anomaly(lookback="6h0m0s", step="30s", method="iqr")
        path = tmp_path / "anomaly.json"
        path.write_text(configuration(settings, services))
        read = load(path, {})
        assert (read.lookback_seconds, read.step_seconds) == (21_600, 30)
        assert read.detector.method == "iqr"
        assert [signal.name for signal in read.signals] == list(signals(services))

    def test_what_the_environment_says_is_not_said_twice(self, anomaly, services):
        document = json.loads(configuration(anomaly(), services))
        assert not {"prometheus_url", "enabled", "interval_minutes"} & set(document)
        assert set(document["detector"]) == {"method"}

    def test_the_order_of_the_catalogue_does_not_matter(self, anomaly, services):
        assert configuration(anomaly(), services) == configuration(anomaly(), services[::-1])
