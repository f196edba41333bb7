from policy.rules.chaos_workflow_steps import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, workflow
from tests.policy.views import GONE

STEP = "spec.workflow.templates[0]"
HTTP = f"{STEP}.statusCheck.http"


class TestWorkflowSteps(RuleContract):
    rule = RULE
    good = {
        "a range of codes": case({f"{HTTP}.criteria.statusCode": "200-299"}),
        "a Task where that is configured": case(
            {"spec": workflow({"name": "first", "templateType": "Task", "deadline": "1m"})},
            config={"allowTask": True},
        ),
        "an allowed address": case(config={"urls": ["https://gateway.brisa.example/*"]}),
    }
    bad = {
        "no deadline": case({f"{STEP}.deadline": GONE}, f"{STEP}.deadline", says="never ends"),
        "a deadline that is none": case({f"{STEP}.deadline": "soon"}, f"{STEP}.deadline"),
        "a pause without end": case(
            {"spec": workflow({"name": "first", "templateType": "Suspend"})}, f"{STEP}.deadline"
        ),
        "too long": case({f"{STEP}.deadline": "61m"}, f"{STEP}.deadline", says="1h0m0s"),
        "a Task": case(
            {"spec": workflow({"name": "first", "templateType": "Task", "deadline": "1m"})},
            f"{STEP}.templateType",
        ),
        "no URL": case({f"{HTTP}.url": GONE}, f"{HTTP}.url"),
        "an address that is not allowed": case({}, f"{HTTP}.url", config={"urls": ["https://x/*"]}),
        "no scheme": case({f"{HTTP}.url": "gateway/health"}, f"{HTTP}.url"),
        "no code": case({f"{HTTP}.criteria": GONE}, f"{HTTP}.criteria.statusCode"),
        "an impossible code": case(
            {f"{HTTP}.criteria.statusCode": "ok"}, f"{HTTP}.criteria.statusCode"
        ),
        "another protocol": case({f"{STEP}.statusCheck.type": "TCP"}, f"{STEP}.statusCheck.type"),
        "ends before the first probe": case(
            {f"{STEP}.deadline": "10s"}, f"{STEP}.deadline", says="first probe"
        ),
        "a fault without a deadline": case({"spec": workflow(fault(None))}, f"{STEP}.deadline"),
        "a bare workflow": case(
            {"kind": "Workflow", "spec": workflow(fault(None))["workflow"]},
            "spec.templates[0].deadline",
        ),
    }
