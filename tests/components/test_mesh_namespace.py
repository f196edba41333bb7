import pytest

from components.mesh_namespace import MeshNamespace
from vocabulary.kinds import NAMESPACE


@pytest.fixture
def home(deploy, mesh):
    """Deploy the namespace of some services and return it."""

    def run(*services, **keys):
        settings = mesh(**keys)
        return deploy(lambda: MeshNamespace("brisa", settings, services)).one(NAMESPACE)

    return run


class TestInjection:
    def test_pods_get_a_sidecar(self, home):
        labels = home().metadata["labels"]
        assert labels["istio-injection"] == "enabled"
        assert "istio.io/rev" not in labels

    def test_from_the_revision_when_there_is_one(self, home):
        labels = home(revision="stable").metadata["labels"]
        assert labels["istio.io/rev"] == "stable"
        assert "istio-injection" not in labels  # it would win

    @pytest.mark.parametrize("moved, revision", [(["brisa"], "1-32"), (["shop"], "1-31")])
    def test_from_the_next_control_plane_once_the_namespace_has_moved(self, home, moved, revision):
        newer = {"revision": "1-32", "imageTag": "1.32.0", "istiodChart": {}, "namespaces": moved}
        labels = home(revision="1-31", next=newer).metadata["labels"]
        assert labels["istio.io/rev"] == revision


class TestPodSecurity:
    def test_the_init_container_of_istio_gets_through(self, home):
        labels = home().metadata["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
        assert labels["pod-security.kubernetes.io/warn"] == "restricted"

    def test_it_is_raised_where_istio_cni_runs(self, home):
        labels = home(podSecurity="restricted", cni={}).metadata["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


class TestExperiments:
    def test_the_namespace_is_open_to_them_when_one_service_is(self, home, service):
        open_one = home(service(chaos=True), service(name="web"))
        assert open_one.metadata["annotations"]["chaos-mesh.org/inject"] == "enabled"

    def test_and_closed_otherwise(self, home, service):
        assert "chaos-mesh.org/inject" not in home(service()).metadata["annotations"]

    def test_flux_never_takes_it_away(self, home, service):
        annotations = home(service()).metadata["annotations"]
        assert annotations["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_it_carries_the_labels_of_the_platform(home):
    assert home().metadata["labels"]["app.kubernetes.io/part-of"] == "brisa-platform"
