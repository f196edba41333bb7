from policy.rules.mesh_default_deny import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE


class TestDefaultDeny(RuleContract):
    rule = RULE
    good = {
        "for the whole mesh": case({"1:metadata.namespace": "istio-system"}),
        "no spec at all": case({"1:spec": GONE}),
        "a namespace without sidecars": case({"metadata.labels": {}, "1:metadata.name": "other"}),
    }
    bad = {
        "it allows something": case({"1:spec.rules": [{"from": []}]}, "metadata.name"),
        "for some pods only": case(
            {"1:spec.selector": {"matchLabels": {"app": "api"}}}, "metadata.name"
        ),
        "for a target only": case({"1:spec.targetRefs": [{"name": "x"}]}, "metadata.name"),
        "it denies nothing": case({"1:spec.action": "DENY"}, "metadata.name"),
        "in another namespace": case({"1:metadata.namespace": "other"}, "metadata.name"),
        "it only rehearses": case(
            {"1:metadata.annotations": {"istio.io/dry-run": "true"}}, "metadata.name"
        ),
    }
