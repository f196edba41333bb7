from policy.rules.mesh_retries_bounded import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

ROUTE = "spec.http[0]"


class TestRetriesBounded(RuleContract):
    rule = RULE
    good = {
        "retries are off": case({f"{ROUTE}.timeout": GONE, f"{ROUTE}.retries": {"attempts": 0}}),
        "Istio's own retries under a timeout": case({f"{ROUTE}.retries": GONE}),
        "just enough": case({f"{ROUTE}.timeout": "9.1s"}),
        "only what no server has begun with": case(
            {
                f"{ROUTE}.timeout": GONE,
                f"{ROUTE}.retries": {
                    "attempts": 3,
                    "retryOn": "connect-failure, refused-stream,reset-before-request",
                },
            }
        ),
        "a redirect": case({ROUTE: {"redirect": {"uri": "/"}}}),
    }
    bad = {
        "no timeout": case({f"{ROUTE}.timeout": GONE}, f"{ROUTE}.timeout"),
        "a timeout of zero is none": case({f"{ROUTE}.timeout": "0s"}, f"{ROUTE}.timeout"),
        "no timeout for Istio's own retries": case(
            {f"{ROUTE}.timeout": GONE, f"{ROUTE}.retries": GONE}, f"{ROUTE}.timeout"
        ),
        "no limit, and a condition that repeats work": case(
            {
                f"{ROUTE}.timeout": GONE,
                f"{ROUTE}.retries.retryOn": "connect-failure,503",
            },
            f"{ROUTE}.timeout",
        ),
        "too short for the tries": case({f"{ROUTE}.timeout": "6s"}, f"{ROUTE}.timeout"),
        "too short for the pauses": case(
            {f"{ROUTE}.timeout": "8.5s"}, f"{ROUTE}.timeout", says="9.1s or more"
        ),
        "no limit for one try": case(
            {f"{ROUTE}.retries.perTryTimeout": GONE}, f"{ROUTE}.retries.perTryTimeout"
        ),
        "no number of tries": case(
            {f"{ROUTE}.retries.attempts": GONE}, f"{ROUTE}.retries.attempts"
        ),
        "a timeout without a unit": case({f"{ROUTE}.timeout": "10"}, f"{ROUTE}.timeout"),
        "in a second route": case(
            {"spec.http[1]": {"route": [{"destination": {"host": "api"}}]}},
            "spec.http[1].timeout",
        ),
    }
