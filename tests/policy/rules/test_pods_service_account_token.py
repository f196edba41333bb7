from policy.rules.pods_service_account_token import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

TOKEN = "spec.jobTemplate.spec.template.spec.automountServiceAccountToken"


class TestServiceAccountToken(RuleContract):
    rule = RULE
    good = {
        "who needs it": case(
            {TOKEN: True}, config={"allowed": ["anomaly-detection/anomaly-detector"]}
        )
    }
    bad = {
        "by default": case({TOKEN: GONE}, TOKEN),
        "wanted": case({TOKEN: True}, TOKEN, says="write false"),
        "somebody else needs it": case({TOKEN: True}, TOKEN, config={"allowed": ["web/web"]}),
        "a Deployment": case(
            {"apiVersion": "apps/v1", "kind": "Deployment"},
            "spec.template.spec.automountServiceAccountToken",
        ),
    }
