from policy.rules.chaos_duration import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, nested_schedule, pod_failure, workflow
from tests.policy.views import GONE

DURATION = "spec.podChaos.duration"
DEADLINE = "spec.workflow.templates[0].deadline"


class TestDuration(RuleContract):
    rule = RULE
    good = {
        "the longest": case({DURATION: "15m"}),
        "a kill is over at once": case({DURATION: GONE, "spec.podChaos.action": "pod-kill"}),
        "a step with a deadline": case({"spec": workflow(fault("30s"))}),
        "a higher limit": case({DURATION: "1h"}, config={"longest": "1h0m0s"}),
    }
    bad = {
        "none": case({DURATION: GONE}, DURATION, says="never ends"),
        "negative": case({DURATION: "-5m"}, DURATION),
        "zero": case({DURATION: "0s"}, DURATION),
        "a fruit": case({DURATION: "banana"}, DURATION),
        "without a unit": case({DURATION: "30"}, DURATION),
        "too long": case({DURATION: "15m1s"}, DURATION, says="15m0s"),
        "too long by configuration": case({}, DURATION, config={"longest": "10s"}),
        "a step without a deadline": case({"spec": workflow(fault(None))}, DEADLINE),
        "a step with a duration": case(
            {"spec": workflow(fault("30s", duration="30s"))},
            "spec.workflow.templates[0].podChaos.duration",
            says="deadline",
        ),
        "a kill as a step ends too": case(
            {"spec": workflow(fault(None, action="pod-kill"))}, DEADLINE
        ),
        "a step that lasts too long": case({"spec": workflow(fault("16m"))}, DEADLINE),
        "a schedule inside a workflow": case(
            {"spec": workflow(nested_schedule(podChaos=pod_failure()))},
            "spec.workflow.templates[0].schedule.podChaos.duration",
        ),
        "a bare experiment": case(
            {"kind": "TimeChaos", "spec": {"duration": "banana"}}, "spec.duration"
        ),
    }
