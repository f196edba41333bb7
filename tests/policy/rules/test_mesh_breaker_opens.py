from policy.rules.mesh_breaker_opens import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

POLICY = "spec.trafficPolicy"
DETECTION = f"{POLICY}.outlierDetection"
REPLICAS = 'metadata.annotations["platform.brisa/replicas"]'


class TestBreakerOpens(RuleContract):
    rule = RULE
    good = {
        "errors of a gateway alone": case(
            {f"{DETECTION}.consecutive5xxErrors": 0, f"{DETECTION}.consecutiveGatewayErrors": 5}
        ),
        "just one pod": case({f"{DETECTION}.maxEjectionPercent": 34}),
        "nobody says how many pods there are": case(
            {REPLICAS: GONE, f"{DETECTION}.maxEjectionPercent": 1}
        ),
        "the only pod, which nothing replaces": case({REPLICAS: "api=1"}),
        "Istio's own share of ten pods": case(
            {REPLICAS: "api=10", f"{DETECTION}.maxEjectionPercent": GONE}
        ),
        "no breaker that a port could drop": case(
            {DETECTION: GONE, f"{POLICY}.portLevelSettings": [{"port": {"number": 80}}]}
        ),
    }
    bad = {
        "less than one pod": case(
            {f"{DETECTION}.maxEjectionPercent": 10},
            f"{DETECTION}.maxEjectionPercent",
            says="write 34 or more",
        ),
        "Istio's own share of nine pods": case(
            {
                REPLICAS: "api=9",
                f"{DETECTION}.maxEjectionPercent": GONE,
            },
            f"{DETECTION}.maxEjectionPercent",
            says="10 % of 9 pods",
        ),
        "less than one pod on one port": case(
            {f"{POLICY}.portLevelSettings[0].outlierDetection.maxEjectionPercent": 10},
            f"{POLICY}.portLevelSettings[0].outlierDetection.maxEjectionPercent",
        ),
        "less than one pod of a subset": case(
            {
                "spec.subsets": [
                    {
                        "name": "stable",
                        "trafficPolicy": {"outlierDetection": {"maxEjectionPercent": 5}},
                    }
                ]
            },
            "spec.subsets[0].trafficPolicy.outlierDetection.maxEjectionPercent",
        ),
        "a port without one": case(
            {f"{POLICY}.portLevelSettings[0].outlierDetection": GONE},
            f"{POLICY}.portLevelSettings[0]",
            says="no circuit breaker",
        ),
        "no number of errors": case(
            {f"{DETECTION}.consecutive5xxErrors": 0}, DETECTION, says="write 1 or more"
        ),
    }
