import pytest

from anomaly.config.signals import Signal
from observability.promql.presets import http_signals, istio_signals, saturation_signals

SERVICES = [("shop", "web"), ("shop", "api"), ("pay", "api")]


def by_name(signals):
    return {signal.name: signal for signal in signals}


class TestRequestSignals:
    @pytest.mark.parametrize("signals", [istio_signals(SERVICES), http_signals(SERVICES)])
    def test_are_latency_errors_and_traffic(self, signals):
        assert [(signal.name, signal.kind) for signal in signals] == [
            ("latency_p95", "latency"),
            ("latency_p99", "latency"),
            ("error_rate", "errors"),
            ("traffic", "traffic"),
        ]

    @pytest.mark.parametrize("signals", [istio_signals(), http_signals()])
    def test_latency_and_errors_say_how_many_requests_they_speak_of(self, signals):
        found = by_name(signals)
        assert found["error_rate"].traffic == found["traffic"].query
        assert "_count{" in found["latency_p95"].traffic
        assert found["traffic"].traffic is None

    def test_of_istio_are_counted_at_the_destination(self):
        traffic = by_name(istio_signals(SERVICES))["traffic"]
        assert traffic.query == (
            "sum by (destination_service_namespace, destination_service_name) "
            '(rate(istio_requests_total{reporter="destination", '
            'destination_service_namespace=~"pay|shop", destination_service_name=~"api|web"}[5m]))'
        )
        assert traffic.service_labels == (
            "destination_service_namespace",
            "destination_service_name",
        )

    def test_of_plain_metrics_are_labelled_as_told(self):
        found = by_name(http_signals(labels=("ns", "app"), status_label="status"))
        assert 'status=~"5.."' in found["error_rate"].query
        assert found["latency_p99"].query == (
            "histogram_quantile(0.99, sum by (le, ns, app) "
            "(rate(http_request_duration_seconds_bucket{}[5m])))"
        )

    def test_rates_are_taken_over_the_window(self):
        found = by_name(http_signals(window_seconds=90))
        assert "[90s]" in found["traffic"].query
        assert found["traffic"].window_seconds == 90

    def test_names_mean_themselves(self):
        (traffic,) = [s for s in http_signals([("a", 'x.y"|z')]) if s.name == "traffic"]
        assert r'service=~"x\\.y\"\\|z"' in traffic.query


class TestSaturationSignals:
    def test_take_the_fullest_pod_of_each_service(self):
        found = by_name(saturation_signals(SERVICES))
        assert found["saturation_memory"].query == (
            'max by (namespace, service) (process_resident_memory_bytes{namespace=~"pay|shop", '
            'service=~"api|web"})'
        )
        assert found["saturation_goroutines"].kind == "saturation"


class TestSignal:
    def test_of_ones_own_needs_a_name_and_a_query(self):
        assert Signal(name="queue", query="queue_length").kind == "other"
