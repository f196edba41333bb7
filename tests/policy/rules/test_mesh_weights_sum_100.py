from policy.rules.mesh_weights_sum_100 import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

ROUTE = "spec.http[0].route"


class TestWeightsSum100(RuleContract):
    rule = RULE
    good = {
        "one destination needs no weight": case(
            {ROUTE: [{"destination": {"host": "api", "subset": "stable"}}]}
        ),
        "one destination may say 100": case({ROUTE: [{"weight": 100}]}),
        "a subset may rest": case({f"{ROUTE}[0].weight": 100, f"{ROUTE}[1].weight": 0}),
        "a redirect has no route": case({"spec.http[0]": {"redirect": {"uri": "/"}}}),
    }
    bad = {
        "too much": case({f"{ROUTE}[1].weight": 20}, ROUTE, says="90 + 20 add up to 110"),
        "too little": case({f"{ROUTE}[1].weight": 9}, ROUTE),
        "one is missing": case({f"{ROUTE}[1].weight": GONE}, f"{ROUTE}[1].weight"),
        "all are missing": case(
            {f"{ROUTE}[0].weight": GONE, f"{ROUTE}[1].weight": GONE}, f"{ROUTE}[0].weight"
        ),
        "one destination with a share": case({ROUTE: [{"weight": 90}]}, ROUTE),
        "negative": case(
            {f"{ROUTE}[0].weight": 110, f"{ROUTE}[1].weight": -10}, f"{ROUTE}[1].weight"
        ),
        "a string": case({f"{ROUTE}[0].weight": "90"}, f"{ROUTE}[0].weight", says="not a number"),
        "in a second route": case(
            {"spec.http[1]": {"route": [{"weight": 1}, {"weight": 1}]}}, "spec.http[1].route"
        ),
        "of plain TCP": case(
            {"spec.tcp": [{"route": [{"weight": 50}, {"weight": 40}]}]}, "spec.tcp[0].route"
        ),
    }
