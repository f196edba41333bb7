from policy.rules.platform_whole_objects import RULE
from tests.policy.contract import RuleContract, case


class TestWholeObjects(RuleContract):
    rule = RULE
    good = {
        "an allowed patch": case({"kind": "NamespacePatch"}, config={"allowed": ["NamespacePatch"]})
    }
    bad = {
        "a patch of a core kind": case({"kind": "NamespacePatch"}, "kind", says="import it"),
        "a patch of a custom kind": case(
            {"apiVersion": "networking.istio.io/v1", "kind": "VirtualServicePatch"}, "kind"
        ),
    }
