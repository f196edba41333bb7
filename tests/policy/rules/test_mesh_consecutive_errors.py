from policy.rules.mesh_consecutive_errors import RULE
from tests.policy.contract import RuleContract, case

OLD = {"consecutiveErrors": 5}


class TestConsecutiveErrors(RuleContract):
    rule = RULE
    good = {
        "gateway errors": case(
            {"spec.trafficPolicy.outlierDetection": {"consecutiveGatewayErrors": 3}}
        ),
        "no circuit breaker is another rule's business": case({"spec.trafficPolicy": {}}),
    }
    bad = {
        "in the traffic policy": case(
            {"spec.trafficPolicy.outlierDetection": OLD},
            "spec.trafficPolicy.outlierDetection.consecutiveErrors",
            says="consecutive5xxErrors",
        ),
        "beside the new field": case(
            {"spec.trafficPolicy.outlierDetection.consecutiveErrors": 5},
            "spec.trafficPolicy.outlierDetection.consecutiveErrors",
        ),
        "of a subset": case(
            {"spec.subsets": [{"name": "a", "trafficPolicy": {"outlierDetection": OLD}}]},
            "spec.subsets[0].trafficPolicy.outlierDetection.consecutiveErrors",
        ),
        "of a port": case(
            {"spec.trafficPolicy.portLevelSettings": [{"outlierDetection": OLD}]},
            "spec.trafficPolicy.portLevelSettings[0].outlierDetection.consecutiveErrors",
        ),
    }
