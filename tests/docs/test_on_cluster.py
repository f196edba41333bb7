"""Shell blocks marked `prod` work where the objects of the stack `prod` are.

A real API server with the real definitions and the stack's objects; the controllers behind them do
not run, so this is about names, kinds, patches and what the admission policies say to them.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.folder import CHARTS
from sandbox.toolchain.sources import FLUX_OPERATOR, module_folder
from sandbox.toolchain.toolchain import kubectl
from tests.cluster.definitions import define_monitoring
from tests.conftest import run_sandbox
from tests.docs.pages import ROOT, pages

pytestmark = pytest.mark.cluster

BLOCKS = [
    pytest.param(block.text, id=f"{page.name}: {block.text.splitlines()[0]}")
    for page in pages()
    for block in page.blocks
    if "prod" in block.marks
]
DEFINITION = "CustomResourceDefinition"
SERVER_SIDE = ("apply", "--server-side", "-f", "-")


def definitions(toolchain) -> Iterator[dict]:
    flux = module_folder(toolchain.go, FLUX_OPERATOR) / "config"
    for file in (
        CHARTS / "base" / "files" / "crd-all.gen.yaml",
        *(CHARTS / "chaos-mesh" / "crds").glob("*.yaml"),
        *(flux / "crd" / "bases").glob("*.yaml"),
        *(flux / "data" / "flux" / "v2.9.5").glob("*controller.yaml"),
    ):
        found = yaml.load_all(file.read_text(), yaml.CSafeLoader)
        yield from (each for each in found if each and each["kind"] == DEFINITION)


def objects() -> list[dict]:
    """The stack's objects as its snapshot has them, namespaces first."""
    snapshot = (ROOT / "tests" / "program" / "snapshots" / "prod.yaml").read_text()
    found = [
        {key: value for key, value in each.items() if key not in ("resource", "type")}
        for each in yaml.load_all(snapshot, yaml.CSafeLoader)
        if not each["type"].startswith("kubernetes:helm.sh")
    ]
    kept = [each for each in found if each["kind"] not in ("ConfigMap", "Secret")]
    return sorted(kept, key=lambda each: each["kind"] != "Namespace")


def listed(found: Iterable[dict]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(found)}, default=str)


@pytest.fixture(scope="module")
def prod(tmp_path_factory, toolchain) -> Iterator[Path]:
    """The kubeconfig of a cluster with the stack's objects."""
    for cluster in run_sandbox(tmp_path_factory.mktemp("docs") / "run", toolchain):
        cluster.kubectl(*SERVER_SIDE, stdin=listed(definitions(toolchain)))
        define_monitoring(cluster)
        cluster.kubectl("create", "namespace", "monitoring")  # the monitoring stack's, not ours
        cluster.kubectl(*SERVER_SIDE, stdin=listed(objects()))
        yield cluster.kubeconfig


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_works(block, prod):
    path = os.pathsep.join((str(kubectl().parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        env=os.environ | {"KUBECONFIG": str(prod), "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_there_are_such_blocks():
    assert BLOCKS
