"""The way in, held against the schemas of Gateway API that the pinned Istio is tried with."""

import pytest
import yaml

from components.ingress import Ingress
from sandbox.toolchain.sources import ISTIO, module_folder
from settings.catalogue import Service
from settings.mesh import Mesh
from tests.program.stacks import manifest
from tests.recording import deploy

pytestmark = pytest.mark.cluster

DEFINITIONS = "tests/integration/pilot/testdata/gateway-api-crd.yaml"
SHOP = {"hosts": ["shop.example.com", "*.shop.example.com"]}
SERVICES = [
    {"name": "web", "port": 3000, "ingress": SHOP, "route": {"timeout": "1500ms"}},
    {
        "name": "api",
        "port": 80,
        "ingress": {
            "hosts": ["api.example.com"],
            "tls": {"secretName": "t"},
            "httpsRedirect": True,
        },
    },
]


@pytest.fixture(scope="module")
def cluster(sandbox, toolchain):
    file = module_folder(toolchain.go, ISTIO) / DEFINITIONS
    sandbox.kubectl("apply", "--server-side", "-f", str(file))
    sandbox.wait_for_definitions()
    homes = ("brisa", "istio-ingress")
    for home in homes:
        sandbox.kubectl("create", "namespace", home)
    yield sandbox
    sandbox.kubectl("delete", "namespace", *homes, "--wait=false")
    sandbox.kubectl("delete", "-f", str(file), "--wait=false")


@pytest.mark.parametrize("kind", ["gatewayApi", "controller"])
def test_every_object_is_taken_to_the_letter(cluster, kind):
    services = [Service.model_validate({"namespace": "brisa", **each}) for each in SERVICES]
    mesh = Mesh.model_validate({"ingress": {"kind": kind}})
    graph = deploy(lambda: Ingress("ingress", mesh, services))
    objects = [manifest(each) for each in graph.objects]
    taken = cluster.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts",
        "-f", "-", stdin=yaml.safe_dump_all(objects),
    )  # fmt: skip
    assert len(taken.splitlines()) == len(objects)
