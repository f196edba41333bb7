"""Destroyed through the engine with all webhooks on: nothing is left, and nothing hangs."""

import json
import time

from sandbox.control_plane.plane import ControlPlane
from sandbox.node import processes
from sandbox.session import STACK, open_workspace

OURS = "app.kubernetes.io/managed-by=pulumi"
LIMIT_SECONDS = 600


def left(platform):
    """Objects that the stack made, by kind and name."""
    kinds = platform.kubectl("api-resources", "--verbs=list", "--output=name").split()
    text = platform.kubectl(
        *("get", ",".join(kinds), "--all-namespaces", f"--selector={OURS}"),
        *("--ignore-not-found", "--output=json"),
    )
    items = json.loads(text)["items"] if text else []
    return sorted(f"{item['kind']}/{item['metadata']['name']}" for item in items)


def test_destroy_leaves_nothing_and_does_not_hang(platform):
    """Experiments are undone and finalizers removed while their controllers still run."""
    assert left(platform)
    begun = time.monotonic()
    open_workspace(platform.folder).destroy(STACK)
    took = time.monotonic() - begun

    assert took < LIMIT_SECONDS
    assert left(platform) == []
    namespaces = platform.kubectl("get", "namespaces", "--output=name").split()
    gone = {"brisa-sandbox", "flux-system", "istio-system", "chaos-mesh", "anomaly-detection"}
    assert not gone.intersection(name.rpartition("/")[2] for name in namespaces)
    inside = processes.services(ControlPlane(platform.folder.root).folder.node)
    assert {each.name: each.exits for each in inside if each.exits} == {}  # pods that go end nobody
