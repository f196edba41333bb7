"""Shell blocks marked `prod` work where the objects of the stack `prod` are.

A real API server with the real definitions and the stack's objects; the controllers behind them do
not run, so this is about names, kinds, patches and what the admission policies say to them.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.toolchain.toolchain import kubectl
from tests.conftest import run_sandbox
from tests.docs.pages import pages
from tests.installed import SERVER_SIDE, install, listed, objects

pytestmark = pytest.mark.cluster

BLOCKS = [
    pytest.param(block.text, id=f"{page.name}: {block.text.splitlines()[0]}")
    for page in pages()
    for block in page.blocks
    if "prod" in block.marks
]
@pytest.fixture(scope="module")
def prod(tmp_path_factory, toolchain) -> Iterator[Path]:
    """The kubeconfig of a cluster with the stack's objects."""
    for cluster in run_sandbox(tmp_path_factory.mktemp("docs") / "run", toolchain):
        install(cluster, toolchain)
        cluster.kubectl(*SERVER_SIDE, stdin=listed(objects("prod")))
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
