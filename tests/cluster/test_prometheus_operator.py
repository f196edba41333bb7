"""The Prometheus Operator's definitions take what the stack writes for it, field by field."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cluster.definitions import define_monitoring
from vocabulary.kinds import ALERTMANAGER_CONFIG, POD_MONITOR, PROMETHEUS_RULE

pytestmark = pytest.mark.cluster

SNAPSHOT = Path(__file__).parents[1] / "program" / "snapshots" / "prod.yaml"
KINDS = (PROMETHEUS_RULE, POD_MONITOR, ALERTMANAGER_CONFIG)
OBJECTS = [
    {key: value for key, value in each.items() if key not in ("resource", "type")}
    for each in yaml.load_all(SNAPSHOT.read_text(), yaml.CSafeLoader)
    if each.get("kind") in {kind.kind for kind in KINDS}
]
APPLY = ("apply", "--server-side", "--validate=strict", "-f", "-")


def known_as(kind):
    """How kubectl calls a kind."""
    return f"{kind.kind.lower()}s.{kind.group}"


@pytest.fixture(scope="module")
def cluster(sandbox):
    """An API server with the definitions of these kinds."""
    define_monitoring(sandbox)
    homes = {each["metadata"]["namespace"] for each in OBJECTS}
    for home in homes:
        sandbox.kubectl("create", "namespace", home)
    yield sandbox
    sandbox.kubectl("delete", "namespace", *homes, "--wait=false")


def test_there_are_objects_of_every_kind():
    assert {each["kind"] for each in OBJECTS} == {kind.kind for kind in KINDS}


@pytest.mark.parametrize("written", OBJECTS, ids=lambda each: each["metadata"]["name"])
def test_an_object_is_taken_and_nothing_of_it_is_dropped(cluster, written):
    cluster.kubectl(*APPLY, stdin=json.dumps(written))
    (kind,) = [kind for kind in KINDS if kind.kind == written["kind"]]
    about = written["metadata"]
    text = cluster.kubectl(
        "get", known_as(kind), about["name"], "-n", about["namespace"], "-o", "json"
    )
    assert holds(json.loads(text)["spec"], written["spec"])


def holds(stored, written):
    """Whether what was written is there; the API server may add defaults."""
    if isinstance(written, dict):
        return all(key in stored and holds(stored[key], each) for key, each in written.items())
    if isinstance(written, list):
        return len(stored) == len(written) and all(map(holds, stored, written))
    return stored == written
