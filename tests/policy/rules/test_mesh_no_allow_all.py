from policy.rules.mesh_no_allow_all import RULE
from tests.policy.contract import RuleContract, case

RULES = "spec.rules"


class TestNoAllowAll(RuleContract):
    rule = RULE
    good = {
        "default deny": case({"spec": {}}),
        "a DENY rule may match everybody": case({"spec.action": "DENY", RULES: [{}]}),
        "by namespace": case({RULES: [{"from": [{"source": {"namespaces": ["web"]}}]}]}),
        "by address": case({RULES: [{"from": [{"source": {"ipBlocks": ["10.0.0.0/8"]}}]}]}),
    }
    bad = {
        "an empty rule": case({RULES: [{}]}, "spec.rules[0]"),
        "paths without callers": case({RULES: [{"to": [{"operation": {}}]}]}, "spec.rules[0]"),
        "no source": case({RULES: [{"from": [{}]}]}, "spec.rules[0].from[0].source"),
        "exclusions only": case(
            {RULES: [{"from": [{"source": {"notNamespaces": ["web"]}}]}]},
            "spec.rules[0].from[0].source",
        ),
        "every principal": case(
            {f"{RULES}[0].from[0].source.principals[1]": "*"},
            "spec.rules[0].from[0].source.principals[1]",
        ),
        "every namespace": case(
            {f"{RULES}[0].from[0].source.namespaces": ["*"]},
            "spec.rules[0].from[0].source.namespaces[0]",
        ),
        "a second rule": case({f"{RULES}[1]": {"when": []}}, "spec.rules[1]"),
    }
