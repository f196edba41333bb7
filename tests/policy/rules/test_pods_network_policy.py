from policy.rules.pods_network_policy import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

NAMESPACE = "metadata.namespace"


class TestNetworkPolicy(RuleContract):
    rule = RULE
    good = {"no pods": case({"1:kind": "ConfigMap", "1:apiVersion": "v1", "spec": {}})}
    bad = {
        "in another namespace": case({"1:metadata.namespace": "web"}, NAMESPACE, says="web"),
        "one direction": case({"spec.policyTypes": ["Ingress"]}, NAMESPACE, says="Egress"),
        "the other direction": case({"spec.policyTypes": ["Egress"]}, NAMESPACE, says="Ingress"),
        "no direction is named": case({"spec.policyTypes": GONE}, NAMESPACE),
        "a Deployment": case(
            {"spec.policyTypes": [], "1:apiVersion": "apps/v1", "1:kind": "Deployment"}, NAMESPACE
        ),
    }
