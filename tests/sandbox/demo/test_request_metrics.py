"""What plain Envoy counts, as a real Prometheus keeps it with the demo's configuration."""

import http.server
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from sandbox.demo import demo
from sandbox.supervision.ports import choose_ports

CONFIGURATION = Path(demo.__file__).parent / "manifests" / "prometheus-config.yaml"
EXPOSED = """\
# TYPE envoy_istio_requests_total counter
envoy_istio_requests_total{reporter="destination",response_code="200",response_flags="-",\
plain_peer="spiffe://cluster.local/ns/shop/sa/web",destination_workload="api-canary"} 7
envoy_istio_requests_total{reporter="destination",response_code="403",response_flags="-",\
plain_peer="",destination_workload="api-canary"} 1
envoy_istio_requests_total{reporter="source",response_code="200",response_flags="-",\
plain_upstream="outbound|8080|stable|booking.trips.svc.cluster.local",source_workload="api"} 5
envoy_istio_requests_total{reporter="source",response_code="200",response_flags="-",\
plain_upstream="outbound|8080|canary|booking.trips.svc.cluster.local",source_workload="api"} 1
# TYPE envoy_istio_request_duration_milliseconds histogram
envoy_istio_request_duration_milliseconds_bucket{reporter="destination",response_code="200",\
plain_peer="spiffe://cluster.local/ns/shop/sa/web",destination_workload="api-canary",le="25"} 6
# TYPE istio_requests_total counter
istio_requests_total{reporter="destination",destination_service_name="else",upstream="kept"} 3
# TYPE envoy_cluster_upstream_rq_retry counter
envoy_cluster_upstream_rq_retry{cluster_name="outbound|8080|stable|x.y.svc.cluster.local"} 2
"""
ADDED = ("instance", "job")
"""What every scrape adds."""
TARGET = {"namespace": "shop", "service": "api", "pod": "api-0"}


@contextmanager
def exposing(text):
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def series(tmp_path_factory, monitoring_programs):
    """Every series of the exposed metrics, after a scrape."""
    folder = tmp_path_factory.mktemp("prometheus")
    (job,) = (
        each
        for each in yaml.safe_load(CONFIGURATION.read_text())["scrape_configs"]
        if each["job_name"] == "istio-proxies"
    )
    (port,) = choose_ports(("prometheus",), folder / "ports.json").values()
    with exposing(EXPOSED) as target:
        scraped = {
            "job_name": "istio-proxies",
            "metrics_path": job["metrics_path"],
            "scrape_interval": "1s",
            "static_configs": [{"targets": [f"127.0.0.1:{target}"], "labels": TARGET}],
            "metric_relabel_configs": job["metric_relabel_configs"],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump({"scrape_configs": [scraped]}))
        with subprocess.Popen(
            [
                monitoring_programs.prometheus,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'series'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ]
        ) as prometheus:
            try:
                yield wait_for_series(f"http://127.0.0.1:{port}")
            finally:
                prometheus.terminate()


def wait_for_series(url):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = series_of(url)
        if found:
            return [
                {k: v for k, v in each.items() if k not in ("instance", "job")} for each in found
            ]
        time.sleep(0.2)
    pytest.fail("nothing was scraped within a minute")


def series_of(url):
    """None while Prometheus starts."""
    query = {"match[]": '{pod="api-0",__name__=~"istio_.*|envoy_.*"}'}
    try:
        answer = requests.get(f"{url}/api/v1/series", params=query, timeout=5)
    except requests.ConnectionError:
        return []
    return answer.json()["data"] if answer.ok else []


def one(series, **labels):
    (found,) = (each for each in series if labels.items() <= each.items())
    return found


def test_the_called_side_names_service_and_caller_as_istio_does(series):
    """Whom the detector and the objectives ask for."""
    found = one(
        series, __name__="istio_requests_total", response_code="200", reporter="destination"
    )

    assert found == {
        **TARGET,
        "__name__": "istio_requests_total",
        "reporter": "destination",
        "response_code": "200",
        "response_flags": "-",
        "request_protocol": "http",
        "connection_security_policy": "mutual_tls",
        "destination_service": "api.shop.svc.cluster.local",
        "destination_service_name": "api",
        "destination_service_namespace": "shop",
        "destination_workload": "api-canary",
        "destination_workload_namespace": "shop",
        "source_workload": "web",
        "source_workload_namespace": "shop",
    }


def test_a_caller_without_an_identity_is_plain_text(series):
    """As the board of the mesh's safety shows it."""
    found = one(series, __name__="istio_requests_total", response_code="403")

    assert found["connection_security_policy"] == "none"
    assert "source_workload" not in found


def test_the_calling_side_names_the_service_it_means(series):
    """Out of the name of Envoy's cluster."""
    found = one(series, reporter="source", destination_version="stable")

    assert found == {
        **TARGET,
        "__name__": "istio_requests_total",
        "reporter": "source",
        "response_code": "200",
        "response_flags": "-",
        "request_protocol": "http",
        "destination_version": "stable",
        "destination_service": "booking.trips.svc.cluster.local",
        "destination_service_name": "booking",
        "destination_service_namespace": "trips",
        "source_workload": "api",
        "source_workload_namespace": "shop",
    }


def test_versions_of_a_service_stay_apart(series):
    """Prometheus keeps one of two samples that have the same labels."""
    assert one(series, reporter="source", destination_version="canary")


def test_durations_are_named_alike(series):
    """Buckets and all."""
    found = one(series, __name__="istio_request_duration_milliseconds_bucket")

    assert (found["destination_service_name"], found["le"]) == ("api", "25.0")


def test_nothing_else_is_touched(series):
    """What Istio's own proxies say, in a cluster that has them, and Envoy's other figures."""
    assert one(series, destination_service_name="else") == {
        **TARGET,
        "__name__": "istio_requests_total",
        "reporter": "destination",
        "destination_service_name": "else",
        "upstream": "kept",
    }
    assert one(series, __name__="envoy_cluster_upstream_rq_retry")["cluster_name"]
