from policy.rules.mesh_breaker_present import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

HOST = "spec.http[0].route[0].destination.host"
DETECTION = "spec.trafficPolicy.outlierDetection"


class TestBreakerPresent(RuleContract):
    rule = RULE
    good = {
        "gateway errors count too": case({DETECTION: {"consecutiveGatewayErrors": 5}}),
        "hosts outside the cluster": case({f"1:{HOST}": "api.example.com"}),
    }
    bad = {
        "no outlier detection": case({"spec.trafficPolicy": {}}, HOST),
        "nothing is counted": case({f"{DETECTION}.consecutive5xxErrors": GONE}, HOST),
        "counting is off": case({f"{DETECTION}.consecutive5xxErrors": 0}, HOST),
        "an outdated counter": case({DETECTION: {"consecutiveErrors": 5}}, HOST),
        "for another host": case({"spec.host": "web.brisa.svc.cluster.local"}, HOST),
        "in another namespace": case({"metadata.namespace": "other"}, HOST, says="brisa"),
    }
