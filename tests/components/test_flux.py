import json

import pytest

from components.flux import FluxSync
from vocabulary.kinds import GIT_REPOSITORY, KUSTOMIZATION


@pytest.fixture
def sync(deploy, gitops, service):
    """Deploy the sync of an area for some services."""

    def run(*services, opts=None, **keys):
        settings = gitops(**keys)
        return deploy(lambda: FluxSync("gitops", settings, services, opts() if opts else None))

    return run


def paths(*items):
    return [{"path": item["name"], **item} for item in items]


class TestSource:
    def test_it_follows_the_branch_of_the_environment(self, sync):
        source = sync(branch="main").one(GIT_REPOSITORY)
        assert source.where == ("flux-system", "brisa-infrastructure")
        assert source.spec == {
            "url": "https://git.example/brisa/infrastructure",
            "ref": {"branch": "main"},
            "interval": "5m0s",
            "timeout": "1m0s",
        }

    def test_a_private_repository_is_read_with_its_secret(self, sync):
        source = sync(credentialsSecret="git-credentials").one(GIT_REPOSITORY)
        assert source.spec["secretRef"] == {"name": "git-credentials"}

    def test_only_a_signed_head_is_taken_where_keys_are_given(self, sync):
        source = sync(verifySecret="committers").one(GIT_REPOSITORY)
        assert source.spec["verify"] == {"mode": "HEAD", "secretRef": {"name": "committers"}}

    def test_durations_are_written_as_go_does(self, sync):
        spec = sync(interval="1h30m", timeout="90s").one(GIT_REPOSITORY).spec
        assert (spec["interval"], spec["timeout"]) == ("1h30m0s", "1m30s")


class TestKustomization:
    def test_it_is_applied_pruned_watched_and_retried(self, sync):
        item = sync().one(KUSTOMIZATION)
        assert item.where == ("flux-system", "brisa-production")
        assert item.spec == {
            "sourceRef": {"kind": "GitRepository", "name": "brisa-infrastructure"},
            "path": "./infra/gitops",
            "interval": "5m0s",
            "retryInterval": "2m0s",
            "timeout": "3m0s",
            "prune": True,
            "wait": True,
            "deletionPolicy": "MirrorPrune",
        }

    def test_the_catalogues_services_must_be_healthy(self, sync, service):
        spec = sync(service()).one(KUSTOMIZATION).spec
        assert spec["healthChecks"] == [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": "api-service",
                "namespace": "brisa",
            }
        ]

    def test_a_tenant_acts_as_its_account_in_its_namespace(self, sync):
        tenant = {"name": "shop", "serviceAccountName": "shop", "targetNamespace": "shop"}
        spec = sync(kustomizations=paths(tenant)).one(KUSTOMIZATION).spec
        assert (spec["serviceAccountName"], spec["targetNamespace"]) == ("shop", "shop")

    def test_what_sops_encrypted_is_read_with_the_keys_of_a_secret(self, sync):
        items = paths({"name": "apps", "decryption": {"secretName": "sops-age"}})
        spec = sync(kustomizations=items).one(KUSTOMIZATION).spec
        assert spec["decryption"] == {"provider": "sops", "secretRef": {"name": "sops-age"}}

    def test_variables_come_from_the_stack_and_from_objects(self, sync):
        variables = {
            "substitute": {"cluster": "prod-1"},
            "substituteFrom": [
                {"kind": "ConfigMap", "name": "cluster"},
                {"kind": "Secret", "name": "keys", "optional": True},
            ],
        }
        spec = sync(kustomizations=paths({"name": "apps", "postBuild": variables}))
        assert spec.one(KUSTOMIZATION).spec["postBuild"] == variables

    def test_further_objects_are_watched_too(self, sync, service):
        check = {"kind": "StatefulSet", "name": "db", "namespace": "brisa"}
        kustomizations = paths({"name": "apps", "healthChecks": [check]})
        spec = sync(service(), kustomizations=kustomizations).one(KUSTOMIZATION).spec
        assert [item["name"] for item in spec["healthChecks"]] == ["api-service", "db"]
        assert spec["healthChecks"][1]["apiVersion"] == "apps/v1"

    def test_replicas_of_the_catalogue_are_set_even_where_git_says_none(self, sync, service):
        (patch,) = sync(service(replicas=4)).one(KUSTOMIZATION).spec["patches"]
        assert json.loads(patch["patch"]) == [{"op": "add", "path": "/spec/replicas", "value": 4}]
        assert patch["target"] == {
            "group": "apps",
            "version": "v1",
            "kind": "Deployment",
            "name": "api-service",
        }

    def test_an_autoscaler_keeps_its_number_even_where_git_says_one(self, sync, service):
        (patch,) = sync(service(autoscaled=True)).one(KUSTOMIZATION).spec["patches"]
        assert json.loads(patch["patch"])["spec"] == {"replicas": None}

    def test_a_stateful_service_is_watched_and_scaled_as_such(self, sync, service):
        spec = sync(service(workload="StatefulSet")).one(KUSTOMIZATION).spec
        assert spec["healthChecks"][0]["kind"] == "StatefulSet"
        assert spec["patches"][0]["target"]["kind"] == "StatefulSet"

    def test_image_pins_are_set_and_others_left_to_git(self, sync, service):
        digest = f"sha256:{'a' * 64}"
        pinned = service(image={"name": "api", "newName": "registry.example/api", "digest": digest})
        spec = sync(pinned, service(name="web")).one(KUSTOMIZATION).spec
        assert spec["images"] == [
            {"name": "api", "newName": "registry.example/api", "digest": digest}
        ]

    def test_one_that_is_not_about_services_knows_nothing_of_them(self, sync, service):
        kustomizations = paths({"name": "infra", "services": False})
        spec = sync(service(), kustomizations=kustomizations).one(KUSTOMIZATION).spec
        assert {"healthChecks", "images", "patches"}.isdisjoint(spec)


class TestOrder:
    CHAIN = paths(
        {"name": "apps", "dependsOn": ["configs"]},
        {"name": "configs", "dependsOn": ["controllers"]},
        {"name": "controllers"},
    )

    def test_flux_applies_dependencies_first(self, sync):
        graph = sync(kustomizations=self.CHAIN)
        assert graph.one(KUSTOMIZATION, "apps").spec["dependsOn"] == [{"name": "configs"}]
        assert "dependsOn" not in graph.one(KUSTOMIZATION, "controllers").spec

    def test_a_destroy_takes_dependents_down_first_and_the_source_last(self, sync):
        graph = sync(kustomizations=self.CHAIN)
        apps, configs, controllers = (
            graph.one(KUSTOMIZATION, name) for name in ("apps", "configs", "controllers")
        )
        assert graph.waits(apps, configs)
        assert graph.waits(configs, controllers)
        assert graph.waits(controllers, graph.one(GIT_REPOSITORY))

    def test_everything_comes_after_what_the_component_depends_on(self, sync, after_first):
        graph = sync(opts=after_first)
        first = graph.one("test:index:Thing")
        assert all(graph.waits(item, first) for item in graph.objects)


class TestOutOfBandWork:
    def test_suspending_is_never_written_and_never_taken_back(self, sync, service):
        for item in sync(service()).objects:
            assert "suspend" not in item.spec
            assert item.ignore_changes == ("spec.suspend",)


def test_outputs_say_what_is_followed(sync):
    component = sync(kustomizations=TestOrder.CHAIN).one("brisa:flux:FluxSync")
    assert component.outputs == {
        "source": "brisa-infrastructure",
        "branch": "develop",
        "kustomizations": ["controllers", "configs", "apps"],
    }
