from policy.rules.chaos_watched import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, pod_failure, workflow
from tests.policy.views import GONE

STEPS = "spec.workflow.templates"
ENTRY, PARALLEL, WATCH = f"{STEPS}[0]", f"{STEPS}[2]", f"{STEPS}[4]"
FAULT = f"{STEPS}[3].templateType"
BARE = {"schedule": "0 3 * * 1-5", "type": "PodChaos", "podChaos": pod_failure(duration="30s")}


class TestWatched(RuleContract):
    rule = RULE
    good = {
        "faults one after the other, under one watch": case(
            {f"{PARALLEL}.children": ["all", "watch"], f"{STEPS}[3].name": "all"}
        ),
        "slower, where that is configured": case(
            {f"{WATCH}.statusCheck.intervalSeconds": 10}, config={"abortWithin": "31s"}
        ),
        "a pause of a game day": case(
            {"spec.workflow.templates[3]": {"name": "failure", "templateType": "Suspend"}}
        ),
    }
    bad = {
        "a Schedule of a bare fault": case({"spec": BARE}, "spec.type", says="make it a step"),
        "a workflow of a fault alone": case(
            {"spec": workflow(fault())}, f"{STEPS}[0].templateType", says="nothing watches"
        ),
        "a watch that only looks once": case({f"{WATCH}.statusCheck.mode": "Synchronous"}, FAULT),
        "a watch that lets it go on": case({f"{WATCH}.abortWithStatusCheck": False}, FAULT),
        "a watch after the fault": case({f"{PARALLEL}.templateType": "Serial"}, FAULT),
        "a watch elsewhere": case({f"{PARALLEL}.children": ["failure"]}, FAULT),
        "a fault that no step leads to": case({f"{PARALLEL}.children": ["watch"]}, FAULT),
        "no check before": case(
            {f"{ENTRY}.children": ["under-watch", "well"]}, f"{ENTRY}.children"
        ),
        "no check after": case(
            {f"{ENTRY}.children": ["steady", "under-watch"]}, f"{ENTRY}.children"
        ),
        "checks beside the faults": case(
            {f"{ENTRY}.templateType": "Parallel"}, f"{ENTRY}.children"
        ),
        "as slow as Chaos Mesh is by itself": case(
            {f"{WATCH}.statusCheck.intervalSeconds": GONE},
            f"{WATCH}.statusCheck.intervalSeconds",
            says="31s",
        ),
        "patient": case(
            {f"{WATCH}.statusCheck.failureThreshold": 8}, f"{WATCH}.statusCheck.intervalSeconds"
        ),
    }
