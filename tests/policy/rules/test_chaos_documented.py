from policy.rules.chaos_documented import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

NOTES = "metadata.annotations"


class TestDocumented(RuleContract):
    rule = RULE
    good = {
        "the owner as an annotation": case(
            {"metadata.labels": GONE, f'{NOTES}["platform.brisa/owner"]': "payments"}
        )
    }
    bad = {
        "no owner": case({"metadata.labels": GONE}, f'{NOTES}["platform.brisa/owner"]'),
        "no hypothesis": case(
            {f'{NOTES}["platform.brisa/hypothesis"]': GONE}, f'{NOTES}["platform.brisa/hypothesis"]'
        ),
        "an empty hypothesis": case(
            {f'{NOTES}["platform.brisa/hypothesis"]': ""}, f'{NOTES}["platform.brisa/hypothesis"]'
        ),
        "no runbook": case(
            {f'{NOTES}["platform.brisa/runbook"]': GONE}, f'{NOTES}["platform.brisa/runbook"]'
        ),
        "nothing": case({"metadata": {"name": "x"}}, f'{NOTES}["platform.brisa/owner"]'),
    }
