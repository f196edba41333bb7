from policy.rules.chaos_environment_lock import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

LABEL = 'metadata.labels["platform.brisa/environment"]'


class TestEnvironmentLock(RuleContract):
    rule = RULE
    good = {
        "the stack's own name": case({LABEL: "staging"}, stack="staging"),
        "the configured environment": case(
            {LABEL: "production"}, config={"environment": "production"}
        ),
    }
    bad = {
        "another environment": case({LABEL: "staging"}, LABEL, says="this one is prod"),
        "none": case({LABEL: GONE}, LABEL),
        "no labels": case({"metadata.labels": GONE}, LABEL),
        "the stack's name where another is configured": case(
            {}, LABEL, config={"environment": "production"}
        ),
        "copied to another stack": case({}, LABEL, stack="sandbox"),
        "a bare experiment": case({"kind": "PodChaos", LABEL: "staging"}, LABEL),
    }
