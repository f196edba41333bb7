"""The rights that the operations page asks for are enough to read, and no more."""

import json

import pytest
import yaml

from sandbox.folder import CHECKOUT
from tests.docs.pages import Page

pytestmark = pytest.mark.cluster

(ROLE,) = [
    yaml.safe_load(block.text)
    for block in Page(CHECKOUT / "docs" / "ops.md").blocks
    if block.language == "yaml"
]


@pytest.fixture
def reader(platform, space, tmp_path):
    """The kubeconfig of somebody with the rights of the page."""
    name = ROLE["metadata"]["name"]
    platform.kubectl("apply", "-f", "-", stdin=json.dumps(ROLE))
    platform.kubectl("create", "serviceaccount", "reader", "-n", space)
    platform.kubectl(
        "create", "clusterrolebinding", f"{name}-{space}", f"--clusterrole={name}",
        f"--serviceaccount={space}:reader",
    )  # fmt: skip
    token = platform.kubectl("create", "token", "reader", "-n", space).strip()
    document = yaml.safe_load(platform.kubeconfig.read_text())
    document["users"] = [{"name": e["name"], "user": {"token": token}} for e in document["users"]]
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return path


@pytest.mark.parametrize(
    "words",
    [
        ("gitops", "status"), ("mesh", "mtls"), ("mesh", "routes"),
        ("mesh", "certificates"), ("chaos", "list"), ("status",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_whatever_reads_is_allowed_with_them(command, reader, words):
    done = command(*words, "-o", "json", kubeconfig=reader)
    assert "not allowed" not in done.out + done.err


def test_nothing_can_be_changed_with_them(command, reader, platform, space):
    schedule = {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": "Schedule",
        "metadata": {"name": "nightly"},
        "spec": {"schedule": "0 2 * * *", "type": "PodChaos"},
    }
    platform.kubectl("create", "-n", space, "-f", "-", stdin=json.dumps(schedule))
    done = command("chaos", "pause", "nightly", "-n", space, "--reason", "x", kubeconfig=reader)
    assert done.code == 1
    assert "not allowed:" in done.err
    assert "cannot patch resource" in done.err
