from policy.rules.chaos_opt_in import RULE
from tests.policy.contract import RuleContract, case

NAMESPACES = "spec.podChaos.selector.namespaces"


class TestOptIn(RuleContract):
    rule = RULE
    good = {"no faults": case({"1:kind": "ConfigMap", "1:apiVersion": "v1"})}
    bad = {
        "no annotation": case({"metadata": {"name": "brisa"}}, f"{NAMESPACES}[0]"),
        "opted out": case(
            {"metadata.annotations": {"chaos-mesh.org/inject": "disabled"}}, f"{NAMESPACES}[0]"
        ),
        "a label is no annotation": case(
            {"metadata": {"name": "brisa", "labels": {"chaos-mesh.org/inject": "enabled"}}},
            f"{NAMESPACES}[0]",
        ),
        "a namespace of somebody else": case(
            {f"1:{NAMESPACES}": ["brisa", "web"]}, f"{NAMESPACES}[1]", says="not part of this stack"
        ),
    }
