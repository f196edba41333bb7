from policy.rules.chaos_banned_kinds import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import workflow

KERNEL = {"name": "first", "templateType": "KernelChaos", "deadline": "30s", "kernelChaos": {}}


class TestBannedKinds(RuleContract):
    rule = RULE
    good = {
        "a network fault": case({"spec": {"type": "NetworkChaos", "networkChaos": {}}}),
        "allowed by configuration": case(
            {"spec": {"type": "HTTPChaos", "httpChaos": {}}}, config={"banned": ["KernelChaos"]}
        ),
    }
    bad = {
        "in a schedule": case(
            {"spec": {"type": "KernelChaos", "kernelChaos": {}}}, "spec.kernelChaos"
        ),
        "bare": case({"kind": "AWSChaos", "spec": {"action": "ec2-stop"}}, "spec"),
        "in a workflow": case({"spec": workflow(KERNEL)}, "spec.workflow.templates[0].kernelChaos"),
        "behind a sidecar": case(
            {"spec": {"type": "HTTPChaos", "httpChaos": {}}}, "spec.httpChaos"
        ),
        "on machines": case({"spec": {"physicalmachineChaos": {}}}, "spec.physicalmachineChaos"),
        "by configuration": case({}, "spec.podChaos", config={"banned": ["PodChaos"]}),
    }
