from policy.rules.chaos_schedule_limits import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, nested_schedule, workflow
from tests.policy.views import GONE

DEADLINE = "spec.startingDeadlineSeconds"
HISTORY = "spec.historyLimit"


class TestScheduleLimits(RuleContract):
    rule = RULE
    good = {
        "the ends of the ranges": case({DEADLINE: 600, HISTORY: 20, "metadata.name": "a" * 57}),
        "a workflow with a short name": case(
            {"spec": workflow(fault()), "metadata.name": "a" * 51}
        ),
        "a schedule inside a workflow": case({"spec": workflow(nested_schedule())}),
    }
    bad = {
        "concurrent": case({"spec.concurrencyPolicy": "Allow"}, "spec.concurrencyPolicy"),
        "left to the CRD": case({"spec.concurrencyPolicy": GONE}, "spec.concurrencyPolicy"),
        "no deadline": case({DEADLINE: GONE}, DEADLINE, says="10 to 600"),
        "too short a deadline": case({DEADLINE: 9}, DEADLINE),
        "too long a deadline": case({DEADLINE: 601}, DEADLINE),
        "no history": case({HISTORY: GONE}, HISTORY),
        "no history at all": case({HISTORY: 0}, HISTORY),
        "too long a history": case({HISTORY: 21}, HISTORY),
        "a long name": case({"metadata.name": "a" * 58}, "metadata.name", says="at most 57"),
        "a long name for a workflow": case(
            {"spec": workflow(fault()), "metadata.name": "a" * 52}, "metadata.name"
        ),
        "no item": case({"spec.podChaos": GONE}, "spec.podChaos"),
        "an item of another type": case({"spec.type": "NetworkChaos"}, "spec.networkChaos"),
        "no type": case({"spec.type": GONE}, "spec.type"),
        "an unknown type": case({"spec.type": "PodKill"}, "spec.type"),
        "inside a workflow": case(
            {"spec": workflow(nested_schedule(historyLimit=0))},
            "spec.workflow.templates[0].schedule.historyLimit",
        ),
    }
