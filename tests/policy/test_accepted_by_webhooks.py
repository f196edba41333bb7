"""What the webhooks of Chaos Mesh let through although it is wrong: each is refused here."""

import pytest

from policy.resources import Resource
from policy.rule import ResourceRule
from policy.rules import all_rules
from tests.policy.rules.workflows import workflow
from tests.policy.views import Manifest, view

BRISA = {"namespaces": ["brisa"], "labelSelectors": {"app": "api"}}
STEP = {"name": "first", "deadline": "5m"}


def experiment(kind: str, **spec: object) -> Manifest:
    return manifest(kind, {"mode": "one", "selector": BRISA, "duration": "30s", **spec})


def manifest(kind: str, spec: object) -> Manifest:
    metadata = {"name": "wrong", "namespace": "brisa"}
    return {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


WRONG = {
    "a failure of every pod, for ever": (
        manifest("PodChaos", {"action": "pod-failure", "mode": "all", "selector": {}}),
        {"chaos-selector", "chaos-blast-radius", "chaos-duration"},
    ),
    "a loss of 150 percent in kube-system": (
        experiment(
            "NetworkChaos",
            action="loss",
            loss={"loss": "150"},
            selector={"namespaces": ["kube-system"], "labelSelectors": {"k8s-app": "kube-dns"}},
        ),
        {"chaos-bounds", "chaos-namespaces"},
    ),
    "a delay without a delay": (experiment("NetworkChaos", action="delay"), {"chaos-bounds"}),
    "minus five minutes of no workers": (
        experiment("StressChaos", duration="-5m", stressors={"cpu": {"workers": 0}}),
        {"chaos-duration", "chaos-bounds"},
    ),
    "a duration of one banana": (
        experiment("TimeChaos", timeOffset="-1m", duration="banana"),
        {"chaos-duration"},
    ),
    "a scheduled workflow without entry and templates": (
        manifest("Schedule", {"schedule": "0 3 * * 1-5", "type": "Workflow", "workflow": {}}),
        {"chaos-workflow-graph"},
    ),
    "a workflow that calls itself": (
        manifest(
            "Schedule",
            workflow({**STEP, "templateType": "Serial", "children": ["first"]}),
        ),
        {"chaos-workflow-graph"},
    ),
    "a status check without a status check": (
        manifest("Schedule", workflow({**STEP, "templateType": "StatusCheck"})),
        {"chaos-workflow-graph"},
    ),
    "a nested schedule whose cron is none": (
        manifest(
            "Schedule",
            workflow(
                {
                    **STEP,
                    "templateType": "Schedule",
                    "deadline": "soon",
                    "schedule": {"schedule": "not a cron", "type": "PodChaos"},
                }
            ),
        ),
        {"chaos-window", "chaos-workflow-steps", "chaos-schedule-limits"},
    ),
    "a schedule of nothing": (
        manifest("Schedule", {"schedule": "0 3 * * 1-5", "type": "PodChaos"}),
        {"chaos-schedule-limits"},
    ),
}


def refusing(resource: Resource) -> set[str]:
    """The rules that refuse a resource."""
    return {
        rule.id
        for rule in all_rules()
        if isinstance(rule, ResourceRule) and rule.findings(resource, rule.config())
    }


@pytest.mark.parametrize("wrong, rules", WRONG.values(), ids=list(WRONG))
def test_is_refused(wrong, rules):
    assert rules <= refusing(view(wrong))
