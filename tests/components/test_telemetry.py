import pytest

from components.telemetry import Telemetry, extension_providers, telemetry_spec
from vocabulary.kinds import TELEMETRY


class TestScope:
    def test_a_mesh_of_ours_has_one_for_everybody(self, deploy, mesh):
        settings = mesh()
        graph = deploy(lambda: Telemetry("telemetry", settings, ["brisa", "shop"]))
        assert graph.one(TELEMETRY).where == ("istio-system", "default")

    def test_in_anothers_mesh_every_namespace_of_services_has_one(self, deploy, mesh):
        settings = mesh(install=False)
        graph = deploy(lambda: Telemetry("telemetry", settings, ["brisa", "shop"]))
        where = [item.where for item in graph.all(TELEMETRY)]
        assert where == [("brisa", "default"), ("shop", "default")]

    def test_it_selects_no_workload(self, deploy, mesh):
        settings = mesh()
        graph = deploy(lambda: Telemetry("telemetry", settings, []))
        assert {"selector", "targetRefs"}.isdisjoint(graph.one(TELEMETRY).spec)


@pytest.fixture
def spec(mesh):
    return lambda **keys: telemetry_spec(mesh(telemetry=keys).telemetry)


class TestReports:
    def test_requests_are_counted_for_prometheus(self, spec):
        assert spec()["metrics"] == [{"providers": [{"name": "prometheus"}]}]

    def test_a_share_of_requests_is_traced(self, spec):
        (tracing,) = spec(tracingPercent=2.5)["tracing"]
        assert tracing["randomSamplingPercentage"] == 2.5

    def test_only_the_requests_that_the_filter_picks_are_logged(self, spec):
        (logs,) = spec(accessLogFilter="response.code >= 500")["accessLogging"]
        assert logs["filter"] == {"expression": "response.code >= 500"}

    def test_the_side_that_is_called_logs_them(self, spec):
        """A caller's proxy does not know how a request reaches the other side."""
        (logs,) = spec()["accessLogging"]
        assert logs["match"] == {"mode": "SERVER"}

    def test_without_a_filter_all_are(self, spec):
        (logs,) = spec(accessLogFilter=None)["accessLogging"]
        assert "filter" not in logs

    def test_what_is_off_says_so(self, spec):
        off = spec(metrics=False, tracing=False, accessLogs=False)
        (override,) = off["metrics"][0]["overrides"]
        assert override == {"match": {"metric": "ALL_METRICS"}, "disabled": True}
        assert off["tracing"] == [{"disableSpanReporting": True}]
        assert off["accessLogging"] == [{"disabled": True}]


class TestProviders:
    def test_every_provider_that_is_named_is_defined(self, mesh, spec):
        defined = {item["name"] for item in extension_providers(mesh().telemetry)}
        named = {
            provider["name"]
            for section in spec().values()
            for entry in section
            for provider in entry["providers"]
        }
        assert named == defined | {"prometheus"}

    def test_spans_go_to_the_collector(self, mesh):
        telemetry = mesh(telemetry={"collector": "otel.example", "collectorPort": 4444}).telemetry
        (tracing,) = [item for item in extension_providers(telemetry) if "opentelemetry" in item]
        assert tracing["opentelemetry"] == {"service": "otel.example", "port": 4444}

    def test_what_is_off_needs_none(self, mesh):
        telemetry = mesh(telemetry={"tracing": False, "accessLogs": False}).telemetry
        assert extension_providers(telemetry) == []
