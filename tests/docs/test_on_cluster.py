"""Blocks marked `prod` work where the objects of the stack `prod` are.

A real API server with the real definitions and the stack's objects. Controllers do not run: what
they would say of those objects is written once. So this is about names, kinds, patches, what the
admission policies say to them, and what the operations command line makes of it all.

Console blocks must print what the page says, and come first, because they change nothing; shell and
Python blocks must succeed.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.toolchain.toolchain import kubectl
from tests.docs.pages import ROOT, pages
from tests.docs.test_examples import agrees, console_commands
from tests.installed import listed

pytestmark = pytest.mark.cluster

REVISION = "main@sha1:4f2c1d9"
MARKED = [(page, block) for page in pages() for block in page.blocks if "prod" in block.marks]
SHELLS = [
    pytest.param(block, id=f"{page.name}: {block.text.splitlines()[0]}")
    for page, block in MARKED
    if block.language != "console"
]
EXAMPLES = [
    pytest.param(command, id=f"{page.name}: {command.partition(chr(10))[0]}")
    for page, block in MARKED
    if block.language == "console"
    for command in console_commands(block.text)
]
VERSIONS = ("stable", "canary")


@pytest.fixture(scope="module")
def kubeconfig(prod) -> Path:
    """The way into a cluster with the stack's objects, all of them well."""
    play_flux(prod)
    play_workloads(prod)
    return prod.kubeconfig


def play_flux(cluster) -> None:
    """Write what Flux says of objects that it has reconciled."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {
        "type": "Ready", "status": "True", "reason": "ReconciliationSucceeded",
        "message": f"Applied revision: {REVISION}", "lastTransitionTime": now,
        "observedGeneration": 1,
    }  # fmt: skip
    artifact = {
        "revision": REVISION, "digest": f"sha256:{'0' * 64}", "lastUpdateTime": now,
        "path": "infra", "url": "http://source-controller.flux-system.svc/infra",
    }  # fmt: skip
    for kind, name, extra in (
        ("fluxinstance", "flux", {}),
        ("gitrepository", "brisa-infrastructure", {"artifact": artifact}),
        ("kustomization", "brisa-production", {"lastAppliedRevision": REVISION}),
    ):
        status = {"status": {"conditions": [condition], **extra}}
        cluster.kubectl(
            "patch", kind, name, "-n", "flux-system", "--subresource=status", "--type=merge",
            "-p", json.dumps(status),
        )  # fmt: skip


def play_workloads(cluster) -> None:
    """A Service with a ready pod of each version, as Git and a kubelet would bring them."""
    home, name = "brisa-production", "api-service"
    service = {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": home},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}]},
    }  # fmt: skip
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{name}-{version}",
                "namespace": home,
                "labels": {"app": name, "version": version},
            },
            "spec": {"containers": [{"name": name, "image": name}]},
        }
        for version in VERSIONS
    ]
    cluster.kubectl("create", "-f", "-", stdin=listed([service, *pods]))
    ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    for version in VERSIONS:
        cluster.kubectl(
            "patch", "pod", f"{name}-{version}", "-n", home, "--subresource=status",
            "-p", json.dumps(ready),
        )  # fmt: skip


def run(program: list[str], kubeconfig: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), str(kubectl().parent)))
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(
        program,
        cwd=ROOT,
        env={**environment, "PATH": os.pathsep.join((path, os.environ["PATH"]))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_prints_what_the_page_says(example, kubeconfig):
    command, _, expected = example.partition("\n")
    done = run(["bash", "-euo", "pipefail", "-c", command], kubeconfig)
    assert agrees(done.stdout, expected), done.stdout


@pytest.mark.parametrize("block", SHELLS)
def test_a_block_works(block, kubeconfig):
    python = block.language == "python"
    program = [sys.executable, "-c"] if python else ["bash", "-euo", "pipefail", "-c"]
    done = run([*program, block.text], kubeconfig)
    assert done.returncode == 0, done.stdout


def test_there_are_such_blocks():
    assert SHELLS
    assert EXAMPLES
