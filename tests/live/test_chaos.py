"""Experiments through Chaos Mesh' own controllers, as the stack declares them, only sooner.

The window of the sandbox's node is always open.
"""

import copy
import json

import pytest

from tests.live.conftest import eventually

EVERY_MINUTE = "CRON_TZ=UTC 0-59 0-23 * * *"
API = "api-service"


@pytest.fixture
def scheduled(platform):
    """Add a Schedule made from one of the stack's; it is gone after the test."""
    made = []

    def add(template, name, change):
        found = platform.get("schedule", template)
        schedule = {
            "apiVersion": found["apiVersion"],
            "kind": found["kind"],
            "metadata": {
                "name": name,
                "namespace": found["metadata"]["namespace"],
                "labels": found["metadata"]["labels"],
                "annotations": {
                    key: text
                    for key, text in found["metadata"]["annotations"].items()
                    if key.startswith("platform.brisa/")
                },
            },
            "spec": copy.deepcopy(found["spec"]),
        }
        schedule["spec"]["schedule"] = EVERY_MINUTE
        change(schedule["spec"])
        platform.kubectl("create", "--filename=-", stdin=json.dumps(schedule))
        made.append(name)

    yield add
    for name in made:
        platform.kubectl("delete", "schedule", name, "--namespace=brisa-sandbox", "--timeout=90s")


def test_a_schedule_fires_and_kills_a_pod_which_returns(platform, scheduled):
    """One of two, while the service goes on answering."""
    before = platform.pods(API)
    assert len(before) == 2

    def kill(spec):
        spec["podChaos"]["action"] = "pod-kill"
        spec["podChaos"]["selector"]["labelSelectors"]["version"] = "stable"
        del spec["podChaos"]["containerNames"], spec["podChaos"]["duration"]

    scheduled("api-pod-failure", "live-pod-kill", kill)
    eventually(lambda: set(before) - set(platform.pods(API)), what="a pod is killed")
    eventually(lambda: len(platform.pods(API)) == 2, what="another one takes its place")
    assert platform.pods(API) != before


def test_a_workflow_runs_its_steps_between_its_health_checks(platform, scheduled):
    """Steady before, faults one after the other while it is watched, well again afterwards."""
    kernel_does = {"pod-failure": "10s", "cpu-stress": "10s"}

    def shorten(spec):
        templates = {each["name"]: each for each in spec["workflow"]["templates"]}
        templates["faults"]["children"] = list(kernel_does)
        for name, span in kernel_does.items():
            templates[name]["deadline"] = span
        for name in ("faults", "watched-faults", "watch"):
            templates[name]["deadline"] = "40s"
        templates["watch"]["statusCheck"]["duration"] = "35s"
        left_out = {"network-delay"}
        spec["workflow"]["templates"] = [
            each for name, each in templates.items() if name not in left_out
        ]

    scheduled("api-resilience", "live-resilience", shorten)
    selector = "--selector=managed-by=live-resilience"

    def workflow():
        found = platform.objects("workflows", "brisa-sandbox", selector)
        return found[0] if found else None

    eventually(workflow, what="the workflow is started")
    name = workflow()["metadata"]["name"]
    platform.kubectl(
        *("annotate", "schedule", "live-resilience", "--namespace=brisa-sandbox"),
        "experiment.chaos-mesh.org/pause=true",
    )

    def conditions():
        found = platform.get("workflow", name)
        return {c["type"]: c["status"] for c in found["status"].get("conditions", ())}

    eventually(
        lambda: conditions().get("Accomplished") == "True", what="the workflow ends", seconds=240
    )
    nodes = platform.objects(
        "workflownodes", "brisa-sandbox", f"--selector=chaos-mesh.org/workflow={name}"
    )
    begun = {node["spec"]["templateName"]: node["spec"]["startTime"] for node in nodes}
    assert begun.keys() >= {"steady-state", "pod-failure", "cpu-stress", "health-validation"}
    order = sorted(kernel_does.keys() | {"steady-state", "health-validation"}, key=begun.get)
    assert order == ["steady-state", "pod-failure", "cpu-stress", "health-validation"]
