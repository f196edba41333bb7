from policy.rules.chaos_only_schedules import RULE
from tests.policy.contract import RuleContract, case


class TestOnlySchedules(RuleContract):
    rule = RULE
    good = {"a scheduled workflow": case({"spec": {"type": "Workflow", "workflow": {}}})}
    bad = {
        "a bare experiment": case({"kind": "PodChaos"}, "kind", says="make it a Schedule"),
        "a bare workflow": case({"kind": "Workflow"}, "kind", says="type Workflow"),
        "a bare network fault": case({"kind": "NetworkChaos"}, "kind"),
        "a bare machine fault": case({"kind": "PhysicalMachineChaos"}, "kind"),
        "a cloud fault": case({"kind": "AWSChaos"}, "kind"),
    }
