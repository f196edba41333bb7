"""Further sources, charts, images and receivers; tests/cluster tries them on Flux's schemas."""

import pytest

from components.flux import FluxSync
from settings.gitops import GitOps
from tests.components.further_flux import EVERYTHING
from tests.recording import deploy
from vocabulary.kinds import (
    BUCKET,
    FLUX_HELM_RELEASE,
    GIT_REPOSITORY,
    HELM_REPOSITORY,
    IMAGE_AUTOMATION,
    IMAGE_POLICY,
    IMAGE_REPOSITORY,
    KUSTOMIZATION,
    OCI_REPOSITORY,
    RECEIVER,
)


@pytest.fixture(scope="module")
def graph():
    settings = GitOps.model_validate(EVERYTHING)
    return deploy(lambda: FluxSync("gitops", settings, ()))


class TestSources:
    def test_a_kustomization_is_applied_from_the_source_that_it_names(self, graph):
        item, source = graph.one(KUSTOMIZATION, "apps"), graph.one(OCI_REPOSITORY, "apps")
        assert item.spec["sourceRef"] == {"kind": "OCIRepository", "name": "apps"}
        assert graph.waits(item, source)
        main = graph.one(KUSTOMIZATION, "brisa").spec["sourceRef"]
        assert main == {"kind": "GitRepository", "name": "brisa-infrastructure"}

    def test_an_artifact_must_be_signed_by_whom_the_stack_says(self, graph):
        assert graph.one(OCI_REPOSITORY, "apps").spec == {
            "interval": "5m0s",
            "url": "oci://registry.example/team/apps",
            "ref": {"semver": ">=1.0.0 <2.0.0"},
            "secretRef": {"name": "registry"},
            "verify": {
                "provider": "cosign",
                "matchOIDCIdentity": [{"issuer": "^https://id.example$", "subject": "^ci$"}],
            },
        }

    def test_a_bucket(self, graph):
        assert graph.one(BUCKET, "archive").spec == {
            "interval": "5m0s",
            "bucketName": "manifests",
            "endpoint": "s3.example.com",
            "provider": "aws",
            "region": "eu-central-1",
        }

    def test_another_repository_with_signed_commits(self, graph):
        spec = graph.one(GIT_REPOSITORY, "shop").spec
        assert spec["verify"] == {"mode": "HEAD", "secretRef": {"name": "shop-committers"}}
        assert spec["ref"] == {"branch": "main"}


def test_a_receiver_wakes_every_source(graph):
    spec = graph.one(RECEIVER, "push").spec
    assert [each["name"] for each in spec["resources"]] == [
        "brisa-infrastructure",
        "apps",
        "archive",
        "shop",
    ]
    assert spec["secretRef"] == {"name": "hook"}


class TestReleases:
    def test_a_chart_of_a_repository(self, graph):
        item = graph.one(FLUX_HELM_RELEASE, "cert-manager")
        assert graph.one(HELM_REPOSITORY).spec["url"] == "https://charts.example.com"
        assert item.spec["chart"]["spec"]["version"] == "1.18.2"
        assert item.spec["targetNamespace"] == "cert-manager"
        assert item.spec["valuesFrom"] == [{"kind": "Secret", "name": "cert-manager-values"}]
        assert graph.waits(item, graph.one(HELM_REPOSITORY))

    def test_a_chart_of_a_registry(self, graph):
        item = graph.one(FLUX_HELM_RELEASE, "podinfo")
        assert item.spec["chartRef"] == {"kind": "OCIRepository", "name": "podinfo"}
        assert graph.one(OCI_REPOSITORY, "podinfo").spec["ref"] == {"tag": "6.7.1"}
        assert item.spec["serviceAccountName"] == "apps"

    def test_drift_is_put_right_and_a_failed_upgrade_is_taken_back(self, graph):
        spec = graph.one(FLUX_HELM_RELEASE, "podinfo").spec
        assert spec["driftDetection"] == {"mode": "enabled"}
        assert spec["upgrade"]["remediation"]["strategy"] == "rollback"


def test_newer_images_are_written_to_a_branch_of_their_own(graph):
    assert graph.one(IMAGE_REPOSITORY, "web").spec["image"] == "registry.example/team/web"
    assert graph.one(IMAGE_POLICY, "web").spec["policy"] == {"semver": {"range": ">=1.0.0 <2.0.0"}}
    git = graph.one(IMAGE_AUTOMATION).spec["git"]
    assert git["checkout"]["ref"] == {"branch": "main"}
    assert git["push"] == {"branch": "images"}


def test_suspending_any_of_them_is_for_people(graph):
    for item in graph.objects:
        assert "spec.suspend" in item.ignore_changes, item.urn
