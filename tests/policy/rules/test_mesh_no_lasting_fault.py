from policy.rules.mesh_no_lasting_fault import RULE
from tests.policy.contract import RuleContract, case

FAULT = "spec.http[0].fault"
ABORT = {"httpStatus": 503, "percentage": {"value": 0.1}}


class TestNoLastingFault(RuleContract):
    rule = RULE
    good = {"an empty fault": case({FAULT: {}})}
    bad = {
        "an abort": case({FAULT: {"abort": ABORT}}, f"{FAULT}.abort", says="until somebody"),
        "a delay": case({FAULT: {"delay": {"fixedDelay": "5s"}}}, f"{FAULT}.delay"),
    }
