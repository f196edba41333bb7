"""Names of series are those that the sources of their exporters have."""

import re

import pytest

from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, module_folder
from vocabulary import metrics as m
from vocabulary import recorded as r

CHAOS = "pkg/metrics/chaos-controller-manager.go"
SUBSYSTEM = "chaos_controller_manager_"


@pytest.fixture(scope="module")
def source(toolchain):
    """The text of a file of a pinned module."""
    return lambda module, path: (module_folder(toolchain.go, module) / path).read_text()


@pytest.mark.engine
class TestUpstream:
    """What is pinned for the sandbox exports these names with these labels."""

    @pytest.mark.parametrize("metric", [m.EXPERIMENTS, m.SCHEDULES, m.WORKFLOWS, m.CHAOS_EVENTS])
    def test_chaos_mesh(self, metric, source):
        text = source(CHAOS_MESH, CHAOS)
        assert f'= "{SUBSYSTEM[:-1]}"' in text
        found = re.search(
            rf'Name:\s+"{metric.removeprefix(SUBSYSTEM)}".*?\[\]string\{{(.*?)\}}', text, re.DOTALL
        )
        labels = {label.strip(' "') for label in found[1].split(",")}
        # Its own namespace is renamed by the scrape, which brings one of the target.
        assert labels == {name.removeprefix("exported_") for name in m.LABELS[metric]}

    def test_phases_of_experiments(self, source):
        text = source(CHAOS_MESH, "pkg/status/status.go")
        for phase in ("injecting", "running", "finished", "paused", "deleting"):
            assert f'= "{phase}"' in text

    def test_flux_operator(self, source):
        text = source(FLUX_OPERATOR, "internal/reporter/metrics.go")
        assert f'"{m.FLUX_OPERATOR_STATE}"' in text
        for label in m.LABELS[m.FLUX_OPERATOR_STATE]:
            assert f'"{label}"' in text

    @pytest.mark.parametrize(
        "metric, path",
        [
            (m.PUSHES, "pilot/pkg/xds/monitoring.go"),
            (m.REJECTS, "pkg/xds/monitoring.go"),
            (m.CONVERGENCE_BUCKETS, "pilot/pkg/xds/monitoring.go"),
            (m.ROOT_EXPIRY, "security/pkg/server/ca/monitoring.go"),
            (m.CERTIFICATE_LEFT, "security/pkg/nodeagent/cache/monitoring.go"),
            (m.REQUESTS, "manifests/addons/dashboards/istio-mesh-dashboard.gen.json"),
            (m.REQUEST_BUCKETS, "manifests/addons/dashboards/istio-mesh-dashboard.gen.json"),
        ],
    )
    def test_istio(self, metric, path, source):
        # The agent's series get their prefix where they are handed out.
        name = metric.removeprefix("istio_agent_")
        assert re.search(rf"\b{name.removesuffix('_bucket')}(_bucket)?\b", source(ISTIO, path))

    def test_clusters_of_proxies_are_told_apart_by_name(self, source):
        text = source(ISTIO, "tools/packaging/common/envoy_bootstrap.json")
        assert '"tag_name": "cluster_name"' in text


def test_every_name_has_its_labels():
    names = {
        value
        for key, value in vars(m).items()
        if key.isupper() and isinstance(value, str) and "_" in value
    }
    assert names - {"chaos-mesh"} <= m.LABELS.keys()


def test_recorded_names_and_exported_ones_are_apart():
    assert not m.LABELS.keys() & r.LABELS.keys()
    assert all(":" in name for name in r.LABELS)
    assert not any(":" in name for name in m.LABELS)
