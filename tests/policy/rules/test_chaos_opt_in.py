from policy.rules.chaos_opt_in import RULE
from tests.policy.contract import RuleContract, case

NAMESPACES = "spec.podChaos.selector.namespaces"
LABELS = "spec.podChaos.selector.labelSelectors"
API = {"services": ["brisa/api"]}
NOBODY = {"services": ["brisa/web"]}


class TestOptIn(RuleContract):
    rule = RULE
    good = {
        "no faults": case({"1:kind": "ConfigMap", "1:apiVersion": "v1"}),
        "a service that allows it": case(config=API),
    }
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
        "a service that does not allow it": case(
            {},
            f"{LABELS}.app",
            config=NOBODY,
            says="select one that does by its label app (brisa/web)",
        ),
        "whatever is stable": case(
            {f"1:{LABELS}": {"version": "stable"}}, f"{LABELS}.app", config=API
        ),
        "a pod by its name": case(
            {"1:spec.podChaos.selector.pods": {"brisa": ["web-0"]}},
            "spec.podChaos.selector.pods",
            config=API,
        ),
        "nobody allows anything": case(
            {}, f"{LABELS}.app", config={"services": []}, says="there is none"
        ),
    }
