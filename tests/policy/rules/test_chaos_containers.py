from policy.rules.chaos_containers import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, workflow
from tests.policy.views import GONE

NAMES = "spec.stressChaos.containerNames"


class TestContainers(RuleContract):
    rule = RULE
    good = {
        "two of them": case({f"{NAMES}[1]": "worker"}),
        "a fault of the whole pod": case({"spec": {"podChaos": {"action": "pod-failure"}}}),
        "a fault of the network": case({"spec": {"networkChaos": {"action": "delay"}}}),
    }
    bad = {
        "none": case({NAMES: GONE}, NAMES),
        "an empty list": case({NAMES: []}, NAMES),
        "the proxy": case({NAMES: ["istio-proxy"]}, f"{NAMES}[0]"),
        "the proxy beside others": case({f"{NAMES}[1]": "istio-proxy"}, f"{NAMES}[1]"),
        "which one is killed": case(
            {"spec": {"podChaos": {"action": "container-kill"}}}, "spec.podChaos.containerNames"
        ),
        "slow files of whom": case({"spec": {"ioChaos": {}}}, "spec.ioChaos.containerNames"),
        "a step of a workflow": case(
            {"spec": workflow(fault(action="container-kill"))},
            "spec.workflow.templates[0].podChaos.containerNames",
        ),
    }
