from policy.rules.mesh_webhooks_closed import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

FAILURE = "values.base.validationFailurePolicy"


class TestWebhooksClosed(RuleContract):
    rule = RULE
    good = {
        "another chart": case({"chart": "chaos-mesh", "values": {}}),
        "validation said to be on": case({"values.global": {"configValidation": True}}),
        "a chart on disk": case({"chart": "./charts/base"}),
    }
    bad = {
        "not set": case({"values": {}}, FAILURE),
        "no values": case({"values": GONE}, FAILURE),
        "open": case({FAILURE: "Ignore"}, FAILURE),
        "the base chart": case({"chart": "base", FAILURE: "Ignore"}, FAILURE),
        "a chart on disk that is open": case({"chart": "./charts/base", "values": {}}, FAILURE),
        "by its folder's name": case(
            {"chart": "./istio-control/istio-discovery", "values": {}}, FAILURE
        ),
        "switched off": case(
            {"values.global": {"configValidation": False}}, "values.global.configValidation"
        ),
    }
