"""The README's path to production, step by step, into a cluster with a service and all kinds.

The tests build on one another, in the order in which they stand.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox.engine.workspace import Workspace
from sandbox.folder import CHECKOUT

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

SHOP = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, version: stable}}
    spec: {containers: [{name: web, image: registry.example/web:1.0.0}]}
"""
GIVEN = (
    "--repository=https://git.example.org/shop",
    "--promotion=off",
    "--calls=ingress:web",
    "--adopt=flux,istio,chaos-mesh",  # no controller runs here
)


@pytest.fixture(scope="module")
def folder(platform, tmp_path_factory, toolchain):
    platform.kubectl("apply", "-f", "-", stdin=SHOP)
    for namespace in ("monitoring", "istio-system", "chaos-mesh"):
        platform.kubectl("create", "namespace", namespace)
    engine = Workspace.prepare(toolchain, tmp_path_factory.mktemp("path"), CHECKOUT)
    engine.project.write_project_file()
    yield engine
    run(engine, platform, "pulumi", "destroy", "--yes", "--stack", "shop", "--skip-preview")


def run(engine, platform, *command):
    done = subprocess.run(
        command,
        cwd=engine.project.folder,
        env=engine.environment()
        | {"KUBECONFIG": os.fspath(platform.kubeconfig), "PYTHONPATH": os.fspath(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def step(folder, platform):
    """A step of the path: exit code, and what was said."""

    def take(*arguments, program=(sys.executable, "-m", "ops")):
        here = ("--cwd", os.fspath(folder.project.folder)) if len(program) > 1 else ()
        return run(folder, platform, *program, *arguments, *here)

    return take


def test_init_proposes_what_the_cluster_has_and_writes_a_stack(step, folder):
    code, said = step("init", "--stack", "shop", "--from-cluster", "--yes", *GIVEN)
    assert code == 0, said
    written = yaml.safe_load((Path(folder.project.folder) / "Pulumi.shop.yaml").read_text())
    (service,) = written["config"]["brisa-platform:services"]
    assert (service["name"], service["containerPort"], service["replicas"]) == ("web", 8080, 2)


def test_the_doctor_says_what_would_break(step):
    code, said = step("doctor", "--stack", "shop", "-o", "json")
    assert code == 3
    unwell = {each["name"] for each in json.loads(said)["checks"] if each["state"] == "unwell"}
    assert {"web", "DNS", "Istio"} <= unwell


def test_the_engine_gets_its_stack(step):
    code, said = step("stack", "init", "shop", program=("pulumi",))
    assert code == 0, said


def test_a_preview_names_what_would_change_and_no_rule_stops_it(step):
    code, said = step("preview", "--stack", "shop")
    assert code == 0, said
    assert "VirtualService" in said
    assert "mandatory" not in said


def test_a_deployment_brings_it_up(step, platform):
    code, said = step("deploy", "--stack", "shop", "--yes")
    assert code == 0, said
    assert "virtualservice" in platform.kubectl(
        "get", "virtualservices", "-n", "shop", "-o", "name"
    )
    record = platform.kubectl("get", "configmap", "release", "-n", "brisa-platform", "-o", "json")
    assert json.loads(record)["data"]["gate"] == "off"


def test_the_same_again_changes_nothing(step):
    code, said = step("preview", "--stack", "shop")
    assert code == 0, said
    assert "nothing changes" in said
