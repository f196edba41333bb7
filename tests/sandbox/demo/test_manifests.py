"""What the demo applies, and what it gives Flux to apply, rendered by kustomize as in a cluster."""

import subprocess
from pathlib import Path

import pytest
import yaml

from sandbox.cluster import Cluster
from sandbox.demo import demo as module
from sandbox.demo.demo import Demo
from sandbox.toolchain.toolchain import kubectl
from settings.catalogue import Service
from tests.program.stacks import ROOT

CATALOGUE = [
    Service.model_validate(entry)
    for entry in yaml.safe_load((ROOT / "Pulumi.sandbox.yaml").read_text())["config"][
        "brisa-platform:services"
    ]
]
FOLDER = Path(module.__file__).parent


@pytest.fixture(scope="module")
def own():
    """Objects that the demo applies itself."""
    return [each for each in yaml.safe_load_all(Demo(Cluster())._manifests()) if each]


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    """Objects that Flux applies, folder by folder as kustomize-controller does."""
    place = tmp_path_factory.mktemp("repository")
    for name, content in Demo(Cluster())._content().items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    objects = []
    for folder in sorted((place / "infra/gitops").iterdir()):
        text = subprocess.run(
            [kubectl(), "kustomize", folder], capture_output=True, text=True, check=True
        ).stdout
        objects += [each for each in yaml.safe_load_all(text) if each]
    return objects


def named(objects, kind, name):
    (found,) = (o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name)
    return found


def deployments(objects):
    return [each for each in objects if each["kind"] == "Deployment"]


@pytest.mark.parametrize("service", CATALOGUE, ids=lambda service: service.name)
def test_every_service_of_the_catalogue_has_workloads_as_the_catalogue_says(applied, service):
    """Port, identity, versions and labels: what routes, access rules and experiments select on."""
    offered = named(applied, "Service", service.name)
    assert offered["metadata"]["namespace"] == service.namespace
    assert [port["port"] for port in offered["spec"]["ports"]] == [service.port]
    assert offered["spec"]["selector"] == {"app": service.name}
    versions = {service.name: "stable"}
    if service.route.canary:
        versions[f"{service.name}-canary"] = "canary"
    found = {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in deployments(applied)
        if each["spec"]["template"]["metadata"]["labels"]["app"] == service.name
    }
    assert {name: pod["metadata"]["labels"]["version"] for name, pod in found.items()} == versions
    for pod in found.values():
        (container,) = pod["spec"]["containers"]
        assert container["name"] == service.name  # experiments name it so
        assert pod["spec"]["serviceAccountName"] == service.identity
        assert [port["containerPort"] for port in container["ports"]] == [
            service.ports[0].listening
        ]
        assert pod["metadata"]["annotations"]["prometheus.io/port"] == str(
            service.ports[0].listening
        )


def test_what_experiments_slow_down_is_there(applied):
    """The volume of the I/O experiment."""
    pod = named(applied, "Deployment", "booking-service")["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert {"name": "data", "mountPath": "/data"} in container["volumeMounts"]
    assert {volume["name"] for volume in pod["volumes"]} == {"program", "data"}


def test_services_call_along_the_edges_of_the_catalogue(applied):
    """Whoever is called is called by one who may."""
    callers = {service.name: {*service.callers} - {"ingress"} for service in CATALOGUE}
    calls = {name: set() for name in callers}
    for each in deployments(applied):
        for container in each["spec"]["template"]["spec"]["containers"]:
            variables = {item["name"]: item["value"] for item in container.get("env", ())}
            for url in variables.get("CALLS", "").split():
                calls[url.removeprefix("http://").partition(":")[0]].add(variables["SERVICE"])

    assert calls == callers


def test_containers_have_no_more_rights_than_they_need(own, applied):
    """The restricted level, and limits, for all that the demo runs."""
    for each in deployments([*own, *applied]):
        name, pod = each["metadata"]["name"], each["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert container["resources"]["limits"]["memory"], name
            assert container["imagePullPolicy"] == "IfNotPresent", name


def test_only_prometheus_gets_a_token(own, applied):
    """It looks for pods; nobody else asks the API server. The gateway's is the proxy's business."""
    tokens = {
        each["metadata"]["name"]
        for each in deployments([*own, *applied])
        if each["spec"]["template"]["spec"].get("automountServiceAccountToken", True)
    }

    assert tokens == {"prometheus", "istio-ingress"}


def test_images_are_pinned_and_few(own, applied):
    """A cluster without a registry needs an archive of each."""
    images = {
        container["image"]
        for each in deployments([*own, *applied])
        for container in each["spec"]["template"]["spec"]["containers"]
    }

    assert images == {
        "auto",  # the gateway's proxy is put in by Istio
        "docker.io/library/python:3.11-slim",
        "quay.io/prometheus/prometheus:v3.16.0",
        "quay.io/prometheus/alertmanager:v0.31.1",
    }


def test_whoever_reaches_into_the_demo_is_named(own):
    """Git is for Flux, the monitoring for the detector and itself, and nobody asks the load."""
    sources = {
        each["metadata"]["name"]: sorted(
            peer.get("namespaceSelector", {})
            .get("matchLabels", {})
            .get("kubernetes.io/metadata.name", "its own")
            for rule in each["spec"].get("ingress", ())
            for peer in rule["from"]
        )
        for each in own
        if each["kind"] == "NetworkPolicy"
    }

    assert sources == {
        "git": ["flux-system"],
        "load": [],
        "prometheus": ["anomaly-detection", "its own"],
        "alertmanager": ["anomaly-detection", "its own"],
    }


def test_additions_of_one_cluster_are_applied_too(tmp_path):
    """Beside what is always there."""
    extra = FOLDER / "plain-envoy" / "request-metrics.yaml"
    content = Demo(Cluster(), additions=[extra])._content()

    assert content["infra/gitops/platform/request-metrics.yaml"] == extra.read_bytes()


def test_prometheus_takes_its_configuration(tmp_path, monitoring_programs):
    """Asked of promtool."""
    configuration = FOLDER / "manifests" / "prometheus-config.yaml"
    answer = subprocess.run(
        [monitoring_programs.promtool, "check", "config", "--syntax-only", configuration],
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr


def test_the_way_in_names_versions_that_the_catalogue_declares(applied):
    """A subset that no DestinationRule has would answer 503."""
    versions = {
        f"{service.name}.{service.namespace}.svc.cluster.local": {"stable", "canary"}
        if service.route.canary
        else {None}
        for service in CATALOGUE
    }
    for route in named(applied, "VirtualService", "public")["spec"]["http"]:
        for share in route["route"]:
            destination = share["destination"]
            assert destination.get("subset") in versions[destination["host"]]
