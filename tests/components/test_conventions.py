"""What holds for every object of the Flux and Istio components."""

import pulumi
import pytest

from components.access import AccessControl
from components.flux import FluxSync
from components.flux_alerts import FluxAlerts
from components.flux_install import FluxInstall
from components.istio_install import IstioInstall
from components.mesh_namespace import MeshNamespace
from components.mtls import MutualTls
from components.service_route import ServiceRoute
from components.telemetry import Telemetry
from vocabulary.kinds import FLUX_INSTANCE, HELM_RELEASE


@pytest.fixture
def everything(deploy, gitops, mesh, service):
    """Both areas, wired as a program does."""
    flux, istio = gitops(), mesh()
    services = [service(callers=["web"], chaos=True), service(name="web", callers=["ingress"])]

    def after(*components):
        return pulumi.ResourceOptions(depends_on=components)

    def program():
        install = FluxInstall("flux", flux)
        FluxSync("gitops", flux, services, after(install))
        FluxAlerts("alerts", flux, environment="staging", token="x", opts=after(install))
        control_plane = IstioInstall("istio", istio)
        home = MeshNamespace("brisa", istio, services)
        ready = after(control_plane, home)
        MutualTls("mtls", istio, services, ready)
        Telemetry("telemetry", istio, ["brisa"], ready)
        AccessControl("access", istio, services, ready)
        for item in services:
            ServiceRoute(item.name, item, ready)

    return deploy(program)


def test_every_object_carries_the_standard_labels(everything):
    expected = {
        "app.kubernetes.io/part-of": "brisa-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    }
    for item in everything.objects:
        if item.type != HELM_RELEASE.token:
            assert expected.items() <= item.metadata["labels"].items(), item.urn


def test_every_object_belongs_to_a_component_of_the_platform(everything):
    for item in everything.objects:
        assert everything.registered[item.parent].type.startswith("brisa:")


def test_component_types_say_module_and_class(everything):
    components = [item.type for item in everything if item not in everything.objects]
    assert "brisa:service_route:ServiceRoute" in components
    assert all(len(token.split(":")) == 3 for token in components)


def test_custom_resources_come_after_their_controllers_and_go_before_them(everything):
    releases = {item.inputs["name"]: item for item in everything.all(HELM_RELEASE)}
    for item in everything.objects:
        if ".toolkit.fluxcd.io/" in item.type:
            assert everything.waits(item, everything.one(FLUX_INSTANCE)), item.urn
        if ".istio.io/" in item.type:
            assert everything.waits(item, releases["istiod"]), item.urn


def test_only_the_instance_is_waited_for(everything):
    waiting = [
        item.type
        for item in everything.objects
        if "pulumi.com/waitFor" in item.inputs.get("metadata", {}).get("annotations", {})
    ]
    assert waiting == [FLUX_INSTANCE.token]


def test_every_component_says_what_it_made(everything):
    for item in everything:
        if item.type.startswith("brisa:"):
            assert item.outputs, item.urn
