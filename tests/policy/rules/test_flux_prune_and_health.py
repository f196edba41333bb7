from policy.rules.flux_prune_and_health import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE


class TestPruneAndHealth(RuleContract):
    rule = RULE
    good = {
        "named objects": case(
            {"spec.wait": GONE, "spec.healthChecks": [{"kind": "Deployment", "name": "api"}]}
        ),
    }
    bad = {
        "leftovers stay": case({"spec.prune": False}, "spec.prune"),
        "prune is not said": case({"spec.prune": GONE}, "spec.prune"),
        "nobody waits": case({"spec.wait": False}, "spec.wait"),
        "wait is not said": case({"spec.wait": GONE}, "spec.wait"),
        "no object is named": case({"spec.wait": GONE, "spec.healthChecks": []}, "spec.wait"),
        "no timeout": case({"spec.timeout": GONE}, "spec.timeout"),
    }
