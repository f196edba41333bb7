"""Istio's own analysis of what the stacks emit, and of what applications bring beside it.

Services and workloads come from Git; here each entry of the catalogue gets both as it says.
"""

import json
import subprocess

import pytest
import yaml

from sandbox.console import MESSAGES
from sandbox.toolchain import Toolchain
from sandbox.toolchain.cluster import ISTIO_ANALYSIS
from settings.catalogue import Service
from tests.program.stacks import configuration, manifest, run
from tests.recording import PROJECT, Graph
from vocabulary.kinds import HELM_RELEASE

pytestmark = pytest.mark.cluster
UNIMPORTANT = "Info"
PORT_NAMES = {"http": "http", "http2": "http2", "grpc": "grpc", "tcp": "tcp"}
GATEWAY_HOME = {"name": "public", "namespace": "istio-ingress"}
GATEWAY_LABELS = {"app": "istio-ingress"}
PROXY = {"name": "istio-proxy", "image": "proxyv2:1"}
SERVER = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
GATEWAY = [
    {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": GATEWAY_HOME,
        "spec": {"selector": GATEWAY_LABELS, "servers": [SERVER]},
    },
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": GATEWAY_HOME,
        "spec": {
            "selector": GATEWAY_LABELS,
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
        },
    },
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**GATEWAY_HOME, "labels": GATEWAY_LABELS},
        "spec": {"containers": [PROXY]},
    },
]
"""A gateway of Istio's own kind, which the sandbox's stack names."""


@pytest.fixture(scope="module")
def analyse():
    """Ask Istio's analysis about objects; returns what it finds, but for mere information."""
    program = Toolchain.ensure(MESSAGES, [ISTIO_ANALYSIS]).path(ISTIO_ANALYSIS.name)

    def ask(objects, mesh=None, folder=None):
        options = []
        if mesh:
            (folder / "mesh.yaml").write_text(yaml.safe_dump(mesh))
            options = ["--mesh", folder / "mesh.yaml"]
        answer = subprocess.run(
            [program, *options],
            input=yaml.safe_dump_all(objects),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return [
            f"{each['level']} {each['code']} {each['about']}: {each['message']}"
            for each in json.loads(answer.stdout)
            if each["level"] != UNIMPORTANT
        ]

    return ask


def brought(service: Service) -> list[dict]:
    """The Service and the workloads of a catalogue's entry, as applications bring them."""
    canary = service.route.canary
    versions = [canary.stable_version, canary.canary_version] if canary else ["stable"]
    about = {"name": service.name, "namespace": service.namespace}
    ports = [
        {
            "name": f"{PORT_NAMES[each.protocol]}-{each.port}",
            "port": each.port,
            "targetPort": each.listening,
            "protocol": "TCP",
        }
        for each in service.ports
    ]
    selector = {"app": service.name}
    found = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"selector": selector, "ports": ports},
        }
    ]
    for version in versions:
        labels = {**selector, "version": version}
        containers = [
            {"name": service.name, "image": f"{service.name}:1", "ports": [
                {"containerPort": each.listening} for each in service.ports
            ]}
        ]  # fmt: skip
        template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
        found.append(
            {
                "apiVersion": "apps/v1",
                "kind": service.workload,
                "metadata": {**about, "name": f"{service.name}-{version}"},
                "spec": {"selector": {"matchLabels": labels}, "template": template},
            }
        )
        pod = {**template["metadata"], **about, "name": f"{service.name}-{version}-0"}
        found.append(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": pod,
                "spec": {"containers": [*containers, PROXY]},
            }
        )
    return found


def everything(stack: str, changes=None) -> tuple[Graph, list[dict]]:
    """What a stack emits, and what applications bring."""
    graph = run(stack, changes)
    said = configuration(stack) | dict(changes or {})
    services = [Service.model_validate(each) for each in json.loads(said[f"{PROJECT}:services"])]
    objects = [manifest(each) for each in graph.objects if each.type != HELM_RELEASE.token]
    # What Secrets hold is the engine's own marker here, and nothing of the mesh.
    objects = [each for each in objects if each.get("kind") not in (None, "Secret")]
    brings = [each for item in services for each in brought(item)]
    return graph, [*objects, *GATEWAY, *brings]


@pytest.mark.parametrize("stack", ["sandbox", "staging", "prod"])
def test_nothing_is_wrong_with_what_a_stack_emits(analyse, stack, tmp_path):
    graph, objects = everything(stack)
    (istiod,) = [each for each in graph.all(HELM_RELEASE) if each.inputs["name"] == "istiod"]
    mesh = istiod.inputs["values"]["meshConfig"]
    assert analyse(objects, mesh, tmp_path) == []


def test_what_is_wrong_is_found(analyse):
    """A route to a version that no rule knows."""
    _, objects = everything("prod")
    (rule,) = [
        each
        for each in objects
        if each["kind"] == "DestinationRule" and each["metadata"]["name"] == "api-service"
    ]
    rule["spec"]["subsets"] = []
    assert any("IST0101" in each for each in analyse(objects))
