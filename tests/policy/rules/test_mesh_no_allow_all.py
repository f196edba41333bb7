from policy.rules.mesh_no_allow_all import RULE
from tests.policy.contract import RuleContract, case

RULES = "spec.rules"


class TestNoAllowAll(RuleContract):
    rule = RULE
    good = {
        "default deny": case({"spec": {}}),
        "a DENY rule may match everybody": case({"spec.action": "DENY", RULES: [{}]}),
        "by namespace": case({RULES: [{"from": [{"source": {"namespaces": ["web"]}}]}]}),
        "whoever has a valid token": case(
            {RULES: [{"from": [{"source": {"requestPrincipals": ["*"]}}]}]}
        ),
        "whoever has a claim": case(
            {RULES: [{"when": [{"key": "request.auth.claims[group]", "values": ["staff"]}]}]}
        ),
        "paths that are open to all": case(
            {RULES: [{"to": [{"operation": {"paths": ["/healthz"]}}]}]}
        ),
        "everybody of a namespace": case(
            {RULES: [{"from": [{"source": {"principals": ["cluster.local/ns/web/*"]}}]}]}
        ),
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
        "every path": case(
            {
                RULES: [
                    {
                        "to": [
                            {"operation": {"paths": ["/healthz"]}},
                            {"operation": {"paths": ["/*"]}},
                        ]
                    }
                ]
            },
            "spec.rules[0]",
        ),
        "every address": case(
            {RULES: [{"from": [{"source": {"ipBlocks": ["0.0.0.0/0"]}}]}]},
            "spec.rules[0].from[0].source.ipBlocks[0]",
        ),
        "every address of the other kind": case(
            {RULES: [{"from": [{"source": {"remoteIpBlocks": ["10.0.0.0/8", "::/0"]}}]}]},
            "spec.rules[0].from[0].source.remoteIpBlocks[1]",
        ),
        "everybody of the trust domain": case(
            {f"{RULES}[0].from[0].source.principals": ["cluster.local/*"]},
            "spec.rules[0].from[0].source.principals[0]",
        ),
        "everybody of every namespace": case(
            {f"{RULES}[0].from[0].source.principals": ["cluster.local/ns/*"]},
            "spec.rules[0].from[0].source.principals[0]",
        ),
        "one account of every namespace": case(
            {f"{RULES}[0].from[0].source.principals": ["*/sa/default"]},
            "spec.rules[0].from[0].source.principals[0]",
        ),
        "a star where none counts": case(
            {f"{RULES}[0].from[0].source.principals": ["cluster.local/ns/*/sa/web"]},
            "spec.rules[0].from[0].source.principals[0]",
        ),
        "a second rule": case({f"{RULES}[1]": {"when": []}}, "spec.rules[1]"),
    }
