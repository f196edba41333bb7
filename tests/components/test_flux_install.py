import re

import pytest
import yaml

from components.flux_install import FluxInstall
from vocabulary.kinds import FLUX_INSTANCE, HELM_RELEASE, NAMESPACE


class TestByOperator:
    def test_it_creates_the_operator_and_the_instance_in_the_namespace(self, deploy, gitops):
        graph = deploy(lambda: FluxInstall("flux", gitops()))
        assert graph.one(NAMESPACE).where == (None, "flux-system")
        release = graph.one(HELM_RELEASE)
        assert release.inputs["name"] == "flux-operator"
        assert release.inputs["namespace"] == "flux-system"
        assert release.inputs["version"] == "0.59.0"
        assert graph.one(FLUX_INSTANCE).where == ("flux-system", "flux")

    def test_they_are_created_in_order_and_destroyed_in_reverse(self, deploy, gitops):
        graph = deploy(lambda: FluxInstall("flux", gitops()))
        instance, release = graph.one(FLUX_INSTANCE), graph.one(HELM_RELEASE)
        assert graph.waits(instance, release)
        assert graph.waits(release, graph.one(NAMESPACE))
        assert not graph.waits(release, instance)

    def test_an_up_waits_until_the_instance_is_ready_but_not_forever(self, deploy, gitops):
        settings = gitops(instance={"readyTimeout": "7m0s"})
        instance = deploy(lambda: FluxInstall("flux", settings)).one(FLUX_INSTANCE)
        assert instance.metadata["annotations"] == {
            "pulumi.com/waitFor": "condition=Ready",
            "fluxcd.controlplane.io/reconcileTimeout": "7m0s",
        }
        assert instance.timeouts["create"] == instance.timeouts["update"] == "7m0s"

    def test_the_instance_installs_controllers_and_syncs_nothing_by_itself(self, deploy, gitops):
        spec = deploy(lambda: FluxInstall("flux", gitops())).one(FLUX_INSTANCE).spec
        assert spec["distribution"] == {"version": "2.9.x", "registry": "ghcr.io/fluxcd"}
        assert "kustomize-controller" in spec["components"]
        assert spec["cluster"]["networkPolicy"] is True
        assert spec["wait"] is True
        assert "sync" not in spec

    def test_a_new_revision_ends_the_wait_for_an_old_one(self, deploy, gitops):
        spec = deploy(lambda: FluxInstall("flux", gitops())).one(FLUX_INSTANCE).spec
        (patch,) = spec["kustomize"]["patches"]
        (change,) = yaml.safe_load(patch["patch"])
        assert change["value"] == "--feature-gates=CancelHealthCheckOnNewRevision=true"
        for controller in ("kustomize-controller", "helm-controller"):
            assert re.fullmatch(patch["target"]["name"], controller)

    @pytest.mark.parametrize("locked", [False, True])
    def test_tenants_are_locked_down_where_the_stack_says_so(self, deploy, gitops, locked):
        tenant = {"name": "shop", "path": "shop", "serviceAccountName": "shop"}
        settings = gitops(instance={"multitenant": locked}, kustomizations=[tenant])
        spec = deploy(lambda: FluxInstall("flux", settings)).one(FLUX_INSTANCE).spec
        assert spec["cluster"]["multitenant"] is locked

    def test_an_artifact_is_named_when_the_stack_has_one(self, deploy, gitops):
        artifact = "oci://registry.example/flux:latest"
        settings = gitops(instance={"artifact": artifact})
        spec = deploy(lambda: FluxInstall("flux", settings)).one(FLUX_INSTANCE).spec
        assert spec["distribution"]["artifact"] == artifact

    def test_the_status_page_is_off_unless_the_stack_wants_it(self, deploy, gitops):
        plain = deploy(lambda: FluxInstall("flux", gitops())).one(HELM_RELEASE)
        assert plain.inputs["values"]["web"] == {"enabled": False}
        settings = gitops(operatorChart={"values": {"web": {"enabled": True}}})
        wanted = deploy(lambda: FluxInstall("flux", settings)).one(HELM_RELEASE)
        assert wanted.inputs["values"]["web"] == {"enabled": True}


class TestByChart:
    def test_it_creates_the_stacks_chart_and_no_instance(self, deploy, gitops):
        chart = {"chart": "flux2", "repository": "https://charts.example/flux", "version": "2.18.4"}
        settings = gitops(install="chart", fluxChart=chart)
        graph = deploy(lambda: FluxInstall("flux", settings))
        release = graph.one(HELM_RELEASE)
        assert release.inputs["chart"] == "flux2"
        assert release.inputs["repositoryOpts"] == {"repo": "https://charts.example/flux"}
        assert graph.waits(release, graph.one(NAMESPACE))
        assert graph.all(FLUX_INSTANCE) == []


class TestWhereFluxIsAlready:
    def test_it_touches_nothing_and_still_says_where_flux_runs(self, deploy, gitops):
        settings = gitops(install="none", namespace="gitops")
        graph = deploy(lambda: FluxInstall("flux", settings))
        assert graph.objects == []
        (component,) = graph
        assert component.outputs == {"namespace": "gitops"}


@pytest.mark.parametrize("install", ["operator", "chart"])
def test_the_namespace_takes_only_restricted_pods(deploy, gitops, install):
    chart = {"chart": "./flux2"}
    settings = gitops(install=install, fluxChart=chart)
    home = deploy(lambda: FluxInstall("flux", settings)).one(NAMESPACE)
    assert home.metadata["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
