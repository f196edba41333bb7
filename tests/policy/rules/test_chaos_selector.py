from policy.rules.chaos_selector import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, nested_schedule, pod_failure, workflow
from tests.policy.views import GONE

SELECTOR = "spec.podChaos.selector"
IN_STEP = "spec.workflow.templates[0].podChaos.selector"


class TestSelector(RuleContract):
    rule = RULE
    good = {
        "pods by name": case({SELECTOR: {"pods": {"brisa": ["api-0"]}}}),
        "by expression": case(
            {
                f"{SELECTOR}.labelSelectors": GONE,
                f"{SELECTOR}.expressionSelectors": [{"key": "app", "operator": "Exists"}],
            }
        ),
        "in a workflow": case({"spec": workflow(fault())}),
    }
    bad = {
        "empty": case({SELECTOR: {}}, SELECTOR),
        "missing": case({SELECTOR: GONE}, f"{SELECTOR}.namespaces"),
        "no namespace": case({f"{SELECTOR}.namespaces": GONE}, f"{SELECTOR}.namespaces"),
        "an empty list of namespaces": case(
            {f"{SELECTOR}.namespaces": []}, f"{SELECTOR}.namespaces"
        ),
        "no label": case({f"{SELECTOR}.labelSelectors": GONE}, SELECTOR, says="every pod"),
        "empty labels": case({f"{SELECTOR}.labelSelectors": {}}, SELECTOR),
        "whole nodes": case({f"{SELECTOR}.nodes": ["node-1"]}, f"{SELECTOR}.nodes"),
        "no mode": case({"spec.podChaos.mode": GONE}, "spec.podChaos.mode"),
        "a bare experiment": case(
            {"kind": "PodChaos", "spec": {"mode": "one", "selector": {}}}, "spec.selector"
        ),
        "in a workflow": case({"spec": workflow(fault(selector={}))}, IN_STEP),
        "in a bare workflow": case(
            {"kind": "Workflow", "spec": workflow(fault(selector={}))["workflow"]},
            "spec.templates[0].podChaos.selector",
        ),
        "in a schedule inside a workflow": case(
            {"spec": workflow(nested_schedule(podChaos=pod_failure(selector={})))},
            "spec.workflow.templates[0].schedule.podChaos.selector",
        ),
        "the other side of a network fault": case(
            {
                "spec": {
                    "type": "NetworkChaos",
                    "networkChaos": pod_failure(
                        action="partition", target={"mode": "all", "selector": {}}
                    ),
                }
            },
            "spec.networkChaos.target.selector",
        ),
    }
