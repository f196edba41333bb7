"""What an operator has changed outlives the next `up`, with the real engine on a real API server.

The tests build on one another, in the order in which they stand.
"""

import json

import pytest

from ops.chaos.pausing import pause
from ops.cluster import connect
from ops.gitops import suspend
from ops.mesh.canary import set_weight
from sandbox.session import STACK
from vocabulary.labels import CHAOS_PAUSE, PAUSE, SUSPENSION

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

HOME = "brisa-sandbox"


@pytest.fixture(scope="module")
def stack(standing):
    return standing.cluster


@pytest.fixture(scope="module")
def engine(standing):
    return standing.engine


@pytest.fixture(scope="module")
def operator(stack):
    """Somebody who has moved a canary, suspended a Kustomization and paused an experiment."""
    connected = connect(str(stack.kubeconfig))
    set_weight(connected, "api-service", 40, namespace=HOME, force=True)
    suspend("brisa-production", reason="incident 42", cluster=connected)
    pause(connected, ["api-pod-failure"], namespace=HOME, reason="incident 42")
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def changed(stack, engine, operator):
    """The stack after an `up` that changes the very route whose weight was moved."""
    engine.capture(
        ["config", "set", "--path", "--type", "string",
         "brisa-platform:services[1].route.timeout", "12s", "--stack", STACK]
    )  # fmt: skip
    return engine.capture(
        ["up", "--yes", "--skip-preview", "--refresh", "--stack", STACK, "--color", "never"]
    )


def get(cluster, *arguments):
    return json.loads(cluster.kubectl("get", *arguments, "-o", "json"))


def test_a_canary_keeps_its_weight_though_its_route_changes(stack, changed):
    through_the_gateway, within = get(stack, "virtualservice", "api-service", "-n", HOME)["spec"][
        "http"
    ]
    for http in (through_the_gateway, within):
        assert http["timeout"] == "12s"
        weights = {entry["destination"]["subset"]: entry["weight"] for entry in http["route"]}
        assert weights == {"stable": 60, "canary": 40}


def test_a_suspension_and_its_reason_stay(stack, changed):
    item = get(stack, "kustomization", "brisa-production", "-n", "flux-system")
    assert item["spec"]["suspend"] is True
    assert "incident 42" in item["metadata"]["annotations"][SUSPENSION]


def test_a_pause_and_its_reason_stay(stack, changed):
    notes = get(stack, "schedule", "api-pod-failure", "-n", HOME)["metadata"]["annotations"]
    assert notes[CHAOS_PAUSE] == "true"
    assert "incident 42" in notes[PAUSE]


def test_the_kill_switch_takes_a_pause_over_and_resume_leaves_it(command, stack, engine, changed):
    switch = ["config", "set", "--path", "brisa-platform:chaos.killSwitch"]
    engine.capture([*switch, "true", "--stack", STACK])
    engine.capture(["up", "--yes", "--skip-preview", "--stack", STACK])
    done = command("chaos", "resume", "--all", kubeconfig=stack.kubeconfig)
    assert "the stack has taken the pause over" in done.out
    notes = get(stack, "schedule", "api-pod-failure", "-n", HOME)["metadata"]["annotations"]
    assert notes[CHAOS_PAUSE] == "true"
