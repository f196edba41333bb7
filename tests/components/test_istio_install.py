import re
from typing import ClassVar

import pytest

from components.istio_install import IstioInstall
from vocabulary import metrics as m
from vocabulary.kinds import HELM_RELEASE, NAMESPACE


@pytest.fixture
def install(deploy, mesh):
    """Deploy Istio for a mesh."""

    def run(**keys):
        settings = mesh(**keys)
        return deploy(lambda: IstioInstall("istio", settings))

    return run


def release(graph, name):
    (found,) = [item for item in graph.all(HELM_RELEASE) if item.inputs["name"] == name]
    return found


class TestOrder:
    def test_definitions_come_before_the_control_plane(self, install):
        graph = install()
        base, istiod = release(graph, "istio-base"), release(graph, "istiod")
        assert graph.waits(istiod, base)
        assert graph.waits(base, graph.one(NAMESPACE))
        assert not graph.waits(base, istiod)

    def test_an_istio_that_is_there_already_is_left_alone(self, install):
        graph = install(install=False)
        assert graph.objects == []
        (component,) = graph
        assert component.outputs == {"namespace": "istio-system", "version": "external"}


class TestControlPlane:
    def test_images_are_released_ones(self, install):
        values = release(install(), "istiod").inputs["values"]
        assert values["global"]["hub"] == "registry.istio.io/release"
        assert values["global"]["tag"] == "1.31.1"

    def test_the_validation_webhook_is_closed_from_the_start(self, install):
        graph = install()
        for name in ("istio-base", "istiod"):
            values = release(graph, name).inputs["values"]
            assert values["base"]["validationFailurePolicy"] == "Fail"

    def test_one_replica_may_go_at_any_time(self, install):
        assert release(install(), "istiod").inputs["values"]["autoscaleMin"] == 2

    def test_a_revision_is_said_to_both_charts(self, install):
        graph = install(revision="1-31")
        assert release(graph, "istiod-1-31").inputs["values"]["revision"] == "1-31"
        assert release(graph, "istio-base").inputs["values"]["defaultRevision"] == "1-31"

    def test_values_of_the_stack_win_key_by_key(self, install):
        graph = install(istiodChart={"values": {"global": {"logAsJson": True}}})
        values = release(graph, "istiod").inputs["values"]["global"]
        assert values["logAsJson"] is True
        assert values["tag"] == "1.31.1"


class TestUpgrade:
    NEWER: ClassVar = {
        "revision": "1-32",
        "imageTag": "1.32.0",
        "istiodChart": {"version": "1.32.0"},
    }

    def test_a_second_control_plane_runs_beside_the_first(self, install):
        graph = install(next=self.NEWER)
        found = {
            name: (item.inputs["version"], item.inputs["values"])
            for name in ("istiod", "istiod-1-32")
            for item in [release(graph, name)]
        }
        for name, version, revision in (
            ("istiod", "1.31.1", ""),
            ("istiod-1-32", "1.32.0", "1-32"),
        ):
            chart, values = found[name]
            assert (chart, values["global"]["tag"], values["revision"]) == (
                version,
                version,
                revision,
            )
        assert found["istiod"][1]["meshConfig"] == found["istiod-1-32"][1]["meshConfig"]
        assert release(graph, "istio-base").inputs["values"]["defaultRevision"] == "default"

    def test_it_becomes_the_first_without_being_touched(self, install):
        newer = release(install(next=self.NEWER), "istiod-1-32").inputs
        settled = {
            "revision": "1-32",
            "imageTag": "1.32.0",
            "istiodChart": self.NEWER["istiodChart"],
        }
        assert release(install(**settled), "istiod-1-32").inputs == newer


class TestPlugin:
    def test_is_there_before_the_control_plane_that_counts_on_it(self, install):
        graph = install(cni={})
        plugin, istiod = release(graph, "istio-cni"), release(graph, "istiod")
        assert plugin.inputs["namespace"] == "istio-cni"
        assert plugin.inputs["values"]["global"]["tag"] == "1.31.1"
        assert graph.waits(istiod, plugin)
        home = graph.one(NAMESPACE, "istio-cni").metadata["labels"]
        assert home["pod-security.kubernetes.io/enforce"] == "privileged"

    def test_pods_then_start_without_an_init_container_that_has_rights(self, install):
        values = release(install(cni={}), "istiod").inputs["values"]
        assert values["cni"] == {"enabled": True}
        assert values["global"]["proxy"]["seccompProfile"] == {"type": "RuntimeDefault"}

    def test_one_that_is_there_is_used_as_it_is(self, install):
        graph = install(cni={"install": False})
        assert release(graph, "istiod").inputs["values"]["cni"] == {"enabled": True}
        assert [item.metadata["name"] for item in graph.all(NAMESPACE)] == ["istio-system"]

    def test_there_is_none_unless_the_stack_says_so(self, install):
        assert "cni" not in release(install(), "istiod").inputs["values"]


class TestMeshConfiguration:
    @staticmethod
    def of(graph):
        return release(graph, "istiod").inputs["values"]["meshConfig"]

    def test_identities_belong_to_the_trust_domain(self, install):
        assert self.of(install(trustDomain="brisa.example"))["trustDomain"] == "brisa.example"

    def test_unknown_hosts_may_be_closed(self, install):
        config = self.of(install(outbound="REGISTRY_ONLY"))
        assert config["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}

    def test_a_certificate_lives_as_long_for_who_asks_as_for_who_does_not(self, install):
        values = release(install(certificateTtl="12h"), "istiod").inputs["values"]
        assert values["env"]["DEFAULT_WORKLOAD_CERT_TTL"] == "12h0m0s"
        proxies = values["meshConfig"]["defaultConfig"]["proxyMetadata"]
        assert proxies == {"SECRET_TTL": "12h0m0s"}

    def test_applications_wait_for_their_proxy(self, install):
        assert self.of(install())["defaultConfig"]["holdApplicationUntilProxyStarts"] is True

    WANTED: ClassVar = {"proxyStatistics": True}

    @staticmethod
    def recorded(config, series):
        host = "cluster.outbound|80|stable|api.brisa.svc.cluster.local"
        matcher = config["defaultConfig"]["proxyStatsMatcher"]["inclusionRegexps"]
        return any(re.fullmatch(each, f"{host}.{series}") for each in matcher)

    @pytest.mark.parametrize(
        "series",
        [
            m.EJECTIONS_ACTIVE,
            m.EJECTIONS,
            m.RETRIES,
            m.PENDING_OVERFLOW,
            m.CONNECTION_OVERFLOW,
            m.CONNECTIONS,
            m.PENDING_OPEN,
            m.CONNECTIONS_OPEN,
        ],
    )
    def test_what_boards_and_alerts_ask_is_recorded(self, install, series):
        """Envoy separates with dots what Prometheus separates with underscores."""
        dotted = series.removeprefix("envoy_cluster_")
        for group in ("outlier_detection", "circuit_breakers_default"):
            dotted = dotted.replace(f"{group}_", f"{group.replace('s_d', 's.d')}.")
        assert self.recorded(self.of(install(telemetry=self.WANTED)), dotted)

    @pytest.mark.parametrize(
        "series", ["upstream_cx_total", "upstream_cx_rx_bytes_total", "upstream_rq_retry_success"]
    )
    def test_what_nobody_asks_is_not(self, install, series):
        assert not self.recorded(self.of(install(telemetry=self.WANTED)), series)

    def test_they_cost_nothing_until_somebody_wants_them(self, install):
        config = self.of(install())
        assert "proxyStatsMatcher" not in config["defaultConfig"]

    def test_proxies_get_what_the_stack_sets_aside_for_them(self, install):
        graph = install(proxy={"cpuRequest": "50m", "memoryLimit": "512Mi"})
        proxy = release(graph, "istiod").inputs["values"]["global"]["proxy"]
        assert proxy["resources"] == {
            "requests": {"cpu": "50m", "memory": "128Mi"},
            "limits": {"cpu": "2", "memory": "512Mi"},
        }

    def test_logs_are_json_on_standard_output_and_off_unless_telemetry_asks(self, install):
        config = self.of(install())
        (logs,) = [item for item in config["extensionProviders"] if "envoyFileAccessLog" in item]
        assert logs["envoyFileAccessLog"]["path"] == "/dev/stdout"
        assert "traceparent" in logs["envoyFileAccessLog"]["logFormat"]["labels"]
        assert config["accessLogFile"] == ""
