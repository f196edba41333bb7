from policy.rules.chaos_rest_gap import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, workflow

CRON = "spec.schedule"


class TestRestGap(RuleContract):
    rule = RULE
    good = {
        "just enough": case({CRON: "*/30 2 * * *"}, config={"rest": "29m30s"}),
        "once a day": case({CRON: "0 2 * * *"}),
    }
    bad = {
        "too often": case({CRON: "*/30 2 * * *"}, CRON, says="02:30"),
        "lasts until the next": case({CRON: "0 2,3 * * *", "spec.podChaos.duration": "1h"}, CRON),
        "more rest is asked for": case({}, CRON, config={"rest": "3h"}),
        "a workflow": case({"spec": {**workflow(fault("50m")), "schedule": "0 * * * *"}}, CRON),
    }
