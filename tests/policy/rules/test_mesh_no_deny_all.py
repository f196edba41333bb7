from policy.rules.mesh_no_deny_all import RULE
from tests.policy.contract import RuleContract, case

RULES = "spec.rules"
FIRST = "spec.rules[0]"


def source(**of):
    return [{"from": [{"source": of}]}]


class TestNoDenyAll(RuleContract):
    rule = RULE
    good = {
        "whoever is not known": case({RULES: source(notPrincipals=["*"])}),
        "a neighbour": case({RULES: source(namespaces=["legacy"])}),
        "everybody, on some paths": case(
            {RULES: [{**source(principals=["*"])[0], "to": [{"operation": {"paths": ["/x"]}}]}]}
        ),
        "a condition": case({RULES: [{"when": [{"key": "source.ip", "values": ["192.0.2.1"]}]}]}),
        "no rule, which matches nothing": case({RULES: []}),
        "an allow without conditions, another rule's": case({"spec.action": "ALLOW", RULES: [{}]}),
    }
    bad = {
        "no condition": case({RULES: [{}]}, FIRST, says="every request"),
        "everybody": case({RULES: source(principals=["*"])}, FIRST),
        "every address": case({RULES: source(ipBlocks=["0.0.0.0/0"])}, FIRST),
        "every path": case({f"{FIRST}.to[0].operation.paths": ["/*"]}, FIRST),
        "all methods": case({RULES: [{"to": [{"operation": {"methods": ["*"]}}]}]}, FIRST),
    }
