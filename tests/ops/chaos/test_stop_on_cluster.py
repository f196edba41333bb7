"""New experiments are refused by a real API server while all are stopped, and only then."""

import time
from pathlib import Path

import pytest
import yaml

from ops.chaos.stop import keep_out, let_in
from ops.errors import RefusedError
from ops.records import Record
from tests.installed import listed
from tests.ops.conftest import NOW
from vocabulary.kinds import ADMISSION_BINDING, ADMISSION_POLICY, Kind
from vocabulary.labels import CHAOS_PAUSE
from vocabulary.stop import POLICY

pytestmark = pytest.mark.cluster

SNAPSHOT = Path(__file__).parents[2] / "program/snapshots/sandbox.without-node.yaml"
VERSION = "chaos-mesh.org/v1alpha1"
FAULT = {
    "action": "pod-failure",
    "mode": "one",
    "duration": "30s",
    "selector": {"namespaces": ["shop"], "labelSelectors": {"app": "api"}},
}
RECORD = Record(by="ann", at=NOW, reason="incident 42")


@pytest.fixture
def stop(platform, cluster, space):
    """The stack's policy, for this test's namespace."""
    made = []
    for item in yaml.load_all(SNAPSHOT.read_text(), yaml.CSafeLoader):
        if item.get("kind") in (ADMISSION_POLICY.kind, ADMISSION_BINDING.kind) and (
            item["metadata"]["name"] == POLICY
        ):
            if "matchConditions" in item["spec"]:
                item["spec"]["matchConditions"][0]["expression"] = (
                    f"object.metadata.namespace == '{space}'"
                )
            else:
                item["spec"]["paramRef"]["namespace"] = space
            made.append({key: item[key] for key in ("apiVersion", "kind", "metadata", "spec")})
    platform.kubectl("apply", "--server-side", "-f", "-", stdin=listed(made))
    yield
    let_in(cluster, expired=None, dry_run=False)
    platform.kubectl("delete", "-f", "-", stdin=listed(made))


@pytest.fixture
def refusal(cluster, space):
    """What the API server says to a new experiment; empty when it takes it."""

    def ask(kind="PodChaos", spec=FAULT, **annotations):
        body = {
            "apiVersion": VERSION,
            "kind": kind,
            "metadata": {"name": "new", "annotations": annotations},
            "spec": spec,
        }
        path = cluster.catalogue.find(Kind(VERSION, kind)).path(space)
        try:
            cluster.request("POST", path, body, query={"dryRun": "All"})
        except RefusedError as error:
            return str(error)
        return ""

    return ask


def soon(holds):
    """The API server takes a moment to see a policy and what it asks for."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


SCHEDULE = {"schedule": "0 3 * * *", "type": "PodChaos", "historyLimit": 1, "podChaos": FAULT}


def test_new_experiments_are_refused_while_all_are_stopped(cluster, stop, refusal):
    assert refusal() == ""
    assert keep_out(cluster, RECORD, dry_run=False).action == "create"
    soon(refusal)
    assert "experiments are stopped by ann: incident 42" in refusal()
    assert refusal("Schedule", SCHEDULE)
    assert not refusal("Schedule", SCHEDULE, **{CHAOS_PAUSE: "true"})
    assert keep_out(cluster, RECORD, dry_run=False).action == "none"
    assert let_in(cluster, expired=NOW, dry_run=False) is None  # it has no end
    assert let_in(cluster, expired=None, dry_run=False).action == "delete"
    soon(lambda: not refusal())


def test_without_the_policy_it_says_that_they_are_not(cluster):
    assert "not refused" in keep_out(cluster, RECORD, dry_run=False).note
