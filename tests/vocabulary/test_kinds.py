import pytest

from vocabulary import kinds
from vocabulary.kinds import CHAOS_EXPERIMENTS, Kind

ALL = [value for value in vars(kinds).values() if isinstance(value, Kind)]


class TestKind:
    @pytest.mark.parametrize(
        "kind, group, token",
        [
            (kinds.NAMESPACE, "", "kubernetes:core/v1:Namespace"),
            (kinds.CRON_JOB, "batch", "kubernetes:batch/v1:CronJob"),
            (
                kinds.SCHEDULE,
                "chaos-mesh.org",
                "kubernetes:chaos-mesh.org/v1alpha1:Schedule",
            ),
        ],
    )
    def test_knows_its_group_and_its_pulumi_type(self, kind, group, token):
        assert (kind.group, kind.token) == (group, token)


def test_no_kind_is_listed_twice():
    assert len({(kind.group, kind.kind) for kind in ALL}) == len(ALL)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.kind)
def test_only_stored_versions_are_listed(kind):
    without_a_stable_one = {
        "chaos-mesh.org",
        "grafana.integreatly.org",
        "monitoring.coreos.com",
        "notification.toolkit.fluxcd.io",
    }
    # Istio has no stable version of the latter three.
    odd = (kinds.HELM_RELEASE, kinds.ENVOY_FILTER, kinds.WASM_PLUGIN, kinds.TRAFFIC_EXTENSION)
    if kind.group not in without_a_stable_one and kind not in odd:
        assert kind.api_version.rpartition("/")[2] in {"v1", "v2"}


def test_embedded_experiments_are_spelt_as_chaos_mesh_does():
    odd = {"PhysicalMachineChaos": "physicalmachineChaos"}
    for kind, key in CHAOS_EXPERIMENTS.items():
        assert key.lower() == kind.lower()
        assert key == odd.get(kind, key)
