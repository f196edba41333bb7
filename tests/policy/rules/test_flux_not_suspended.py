from policy.rules.flux_not_suspended import RULE
from tests.policy.contract import RuleContract, case


class TestNotSuspended(RuleContract):
    rule = RULE
    good = {"said to run": case({"spec.suspend": False})}
    bad = {
        "a Kustomization": case({"spec.suspend": True}, "spec.suspend"),
        "a source": case(
            {
                "apiVersion": "source.toolkit.fluxcd.io/v1",
                "kind": "GitRepository",
                "spec.suspend": True,
            },
            "spec.suspend",
        ),
        "an alert": case(
            {
                "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
                "kind": "Alert",
                "spec.suspend": True,
            },
            "spec.suspend",
        ),
        "by a string": case({"spec.suspend": "true"}, "spec.suspend", says="true or false"),
    }
