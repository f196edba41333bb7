from policy.rules.chaos_no_overlap import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, workflow

CRON = "spec.schedule"
OTHER = "1:spec.networkChaos.selector.labelSelectors.app"


class TestNoOverlap(RuleContract):
    rule = RULE
    good = {
        "far apart": case({f"1:{CRON}": "0 4 * * 1-5"}),
        "different targets close together": case({f"1:{CRON}": "1 2 * * 1-5", OTHER: "web"}),
        "different targets at once where that is allowed": case(
            {f"1:{CRON}": "0 2 * * 1-5", OTHER: "web"}, config={"maxConcurrent": 2}
        ),
        "different days": case({f"1:{CRON}": "0 2 * * 6"}),
    }
    bad = {
        "at once": case({f"1:{CRON}": "0 2 * * 1-5"}, CRON, says="Schedule/brisa/api-"),
        "in close succession": case({f"1:{CRON}": "10 2 * * 1-5"}, CRON, says="15m0s between"),
        "only once in eight weeks": case({f"1:{CRON}": "0 2 1 1 *"}, CRON, says="2027-01-01"),
        "while the first still runs": case(
            {"spec.podChaos.duration": "50m", f"1:{CRON}": "40 2 * * 1-5"}, CRON
        ),
        "as a step of a workflow": case(
            {"1:spec": {**workflow(fault("5m")), "schedule": "0 2 * * 1-5"}}, CRON
        ),
        "different targets at once": case(
            {f"1:{CRON}": "0 2 * * 1-5", OTHER: "web"}, CRON, says="no more than 1"
        ),
        "in another time zone": case({f"1:{CRON}": "CRON_TZ=America/Havana 0 21 * * 0-4"}, CRON),
    }
