"""Which kinds a cluster serves, from the API server's one document."""

import pytest

from ops.cluster.discovery import Catalogue, meant
from ops.cluster.objects import Ref
from ops.errors import ClusterError, NotInstalledError, UsageError
from vocabulary.kinds import ALERT, KUSTOMIZATION, VIRTUAL_SERVICE, Kind


def served(kind, plural, *, short=(), verbs=("list", "get")):
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": "Namespaced",
        "singularResource": kind.lower(),
        "shortNames": list(short),
        "verbs": list(verbs),
    }


def group(name, **versions):
    found = [{"version": version, "resources": kinds} for version, kinds in versions.items()]
    return {"metadata": {"name": name}, "versions": found}


DOCUMENT = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        group(
            "kustomize.toolkit.fluxcd.io",
            v1=[served("Kustomization", "kustomizations", short=["ks"])],
        ),
        group(
            "notification.toolkit.fluxcd.io",
            v1=[served("Receiver", "receivers")],
            v1beta3=[served("Receiver", "receivers"), served("Alert", "alerts")],
        ),
        group("chaos-mesh.org", v1alpha1=[served("Hidden", "hidden", verbs=["create"])]),
    ],
}


@pytest.fixture
def catalogue():
    return Catalogue(DOCUMENT)


class TestCatalogue:
    def test_finds_a_kind_where_it_is_served(self, catalogue):
        found = catalogue.find(KUSTOMIZATION)
        assert found.path("apps", "web") == (
            "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/apps/kustomizations/web"
        )

    def test_finds_a_kind_that_only_an_older_version_has(self, catalogue):
        assert catalogue.find(ALERT).api_version == "notification.toolkit.fluxcd.io/v1beta3"

    def test_prefers_the_first_version_and_names_a_kind_once(self, catalogue):
        (receiver,) = [k for k in catalogue.group("toolkit.fluxcd.io") if k.kind == "Receiver"]
        assert receiver.api_version == "notification.toolkit.fluxcd.io/v1"

    def test_says_who_is_not_installed(self, catalogue):
        with pytest.raises(NotInstalledError, match=r"VirtualService.*Istio is not installed"):
            catalogue.find(VIRTUAL_SERVICE)

    def test_leaves_out_what_cannot_be_listed(self, catalogue):
        assert catalogue.group("chaos-mesh.org") == []

    def test_a_group_is_not_another_one_that_ends_alike(self, catalogue):
        assert catalogue.group("mesh.org") == []

    @pytest.mark.parametrize(
        "kind, path",
        [
            ("Secret", "/api/v1/namespaces/shop/secrets/it"),
            ("Endpoints", "/api/v1/namespaces/shop/endpoints/it"),
            ("PersistentVolumeClaim", "/api/v1/namespaces/shop/persistentvolumeclaims/it"),
            ("Namespace", "/api/v1/namespaces/it"),
            ("PersistentVolume", "/api/v1/persistentvolumes/it"),
        ],
    )
    def test_knows_every_kind_of_the_core_group(self, catalogue, kind, path):
        assert catalogue.find(Kind("v1", kind)).path("shop", "it") == path

    def test_names_a_kind_of_the_core_group_that_there_is_not(self, catalogue):
        with pytest.raises(NotInstalledError, match="no kind Sekret"):
            catalogue.find(Kind("v1", "Sekret"))

    def test_an_api_server_that_is_too_old_is_told_so(self):
        with pytest.raises(ClusterError, match=r"Kubernetes 1\.30 or newer"):
            Catalogue({"kind": "APIGroupList", "groups": []})


class TestMeant:
    @staticmethod
    def meant(catalogue, text):
        kinds = catalogue.group("toolkit.fluxcd.io")
        return meant(text, "shop", kinds, default=KUSTOMIZATION, owner="Flux")

    @pytest.mark.parametrize("word", ["ks", "Kustomization", "kustomizations", "KUSTOMIZATION"])
    def test_a_kind_has_the_names_that_people_use(self, catalogue, word):
        assert self.meant(catalogue, f"{word}/apps") == Ref(KUSTOMIZATION, "shop", "apps")

    def test_a_name_alone_is_of_the_kind_that_people_mean_mostly(self, catalogue):
        assert self.meant(catalogue, "apps") == Ref(KUSTOMIZATION, "shop", "apps")

    def test_the_object_is_asked_for_under_the_version_that_is_served(self, catalogue):
        assert self.meant(catalogue, "alert/x").type == ALERT

    def test_the_kinds_that_there_are_are_named(self, catalogue):
        with pytest.raises(UsageError, match=r"Flux has no kind 'pod' .*: alert, kustomization"):
            self.meant(catalogue, "pod/x")
