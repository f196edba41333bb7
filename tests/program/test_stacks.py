"""The whole program, as each stack configures it."""

import json

import pulumi
import pytest

from tests.program.stacks import (
    ROOT,
    SNAPSHOTS,
    STACKS,
    TOKEN,
    configuration,
    program,
    run,
    snapshot,
)
from tests.recording import PROJECT, deploy
from vocabulary.kinds import (
    ALERT,
    CHAOS_EXPERIMENTS,
    CHAOS_GROUP,
    FLUX_INSTANCE,
    HELM_RELEASE,
    KUSTOMIZATION,
    PEER_AUTHENTICATION,
    SCHEDULE,
    SECRET,
    VIRTUAL_SERVICE,
    WORKFLOW,
)
from vocabulary.labels import CHAOS_PAUSE, MANAGED_BY, NAME, PART_OF


@pytest.fixture(scope="module", params=STACKS)
def stack(request):
    return request.param


@pytest.fixture(scope="module")
def graph(stack):
    return run(stack)


class TestEveryStack:
    def test_registers_the_objects_of_its_snapshot(self, stack):
        committed = (SNAPSHOTS / f"{stack}.yaml").read_text()
        assert snapshot(stack) == committed, "review the difference, then run `make snapshots`"

    def test_gives_every_object_a_component_as_parent(self, graph):
        orphans = [item.name for item in graph.objects if "brisa:" not in item.parent]
        assert orphans == []

    def test_labels_every_object(self, graph):
        for item in graph.objects:
            if item.type != HELM_RELEASE.token:
                assert {NAME, PART_OF, MANAGED_BY} <= item.metadata["labels"].keys(), item.name

    def test_names_the_objects_that_others_look_up(self, graph):
        assert graph.one(KUSTOMIZATION).where == ("flux-system", "brisa-production")
        assert graph.one(ALERT).metadata["namespace"] == "flux-system"
        assert {item.metadata["name"] for item in graph.all(PEER_AUTHENTICATION)} == {
            "default-mtls"
        }
        assert "api-pod-failure" in {item.metadata["name"] for item in graph.all(SCHEDULE)}

    def test_never_injects_by_being_applied(self, graph):
        bare = {f"kubernetes:{CHAOS_GROUP}/v1alpha1:{kind}" for kind in CHAOS_EXPERIMENTS}
        assert not any(item.type in bare | {WORKFLOW.token} for item in graph)

    def test_keeps_the_token_in_one_secret(self, graph):
        holders = [item for item in graph if TOKEN in json.dumps(item.inputs)]
        assert holders == []  # the Secret holds it encoded, and marked
        (secret,) = graph.all(f"kubernetes:core/{SECRET.api_version}:{SECRET.kind}")
        assert secret.secrets == {"data"}

    def test_takes_custom_resources_away_before_their_controllers(self, graph):
        releases = {item.name: item for item in graph.all(HELM_RELEASE)}
        assert all(graph.waits(item, releases["chaos-mesh"]) for item in graph.all(SCHEDULE))
        assert all(graph.waits(item, releases["istiod"]) for item in graph.all(VIRTUAL_SERVICE))
        assert graph.waits(graph.one(KUSTOMIZATION), graph.one(FLUX_INSTANCE))
        assert graph.waits(graph.one(FLUX_INSTANCE), releases["flux-operator"])


def test_the_stacks_differ_in_values_only():
    names = [
        {(item.type, item.name) for item in run(stack).objects} for stack in ("staging", "prod")
    ]
    homes = [{(t, n.replace("staging", "production")) for t, n in each} for each in names]
    assert homes[0] == homes[1]


def test_the_kill_switch_pauses_every_schedule():
    chaos = json.loads(configuration("prod")[f"{PROJECT}:chaos"]) | {"killSwitch": True}
    graph = run("prod", {f"{PROJECT}:chaos": json.dumps(chaos)})
    assert {item.metadata["annotations"].get(CHAOS_PAUSE) for item in graph.all(SCHEDULE)} == {
        "true"
    }


def test_areas_that_the_cluster_has_already_are_not_installed():
    values = configuration("prod")
    off = {
        f"{PROJECT}:{area}": json.dumps(
            json.loads(values.get(f"{PROJECT}:{area}", "{}")) | {"install": how}
        )
        for area, how in {"gitops": "none", "mesh": False, "chaos": False, "anomaly": False}.items()
    }
    graph = run("prod", off)
    assert graph.all(HELM_RELEASE) == []
    assert graph.all(VIRTUAL_SERVICE)
    assert graph.all(SCHEDULE)


def test_a_wrong_configuration_registers_nothing_and_says_why():
    registered = []
    with pytest.raises(pulumi.RunError, match="brisa-platform:environment") as caught:
        registered = list(
            deploy(
                program,
                stack="prod",
                configuration=configuration("prod") | {f"{PROJECT}:environment": "x"},
            )
        )
    assert registered == []
    assert "Traceback" not in str(caught.value)


def test_an_experiment_that_waits_for_an_alert_that_nobody_makes_is_refused():
    area = f"{PROJECT}:chaos"
    chaos = json.loads(configuration("prod")[area])
    chaos["schedules"][0]["expectedAlert"] = "Slow"
    with pytest.raises(pulumi.RunError, match=r"schedules\[0\].expectedAlert"):
        run("prod", {area: json.dumps(chaos)})


def test_the_wiring_stays_readable():
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 80


def test_a_stack_may_do_without_mutating_policies():
    area = f"{PROJECT}:chaos"
    chaos = json.loads(configuration("staging")[area])
    graph = run("staging", {area: json.dumps(chaos | {"abortable": False})})
    assert chaos["workflows"]
    assert not [each for each in graph.objects if "MutatingAdmissionPolicy" in each.type]
