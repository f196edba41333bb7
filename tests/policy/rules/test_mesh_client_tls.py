from policy.rules.mesh_client_tls import RULE
from tests.policy.contract import RuleContract, case

MODE = "spec.trafficPolicy.tls.mode"


class TestClientTls(RuleContract):
    rule = RULE
    good = {
        "left to Istio": case({"1:spec.trafficPolicy": {}}),
        "a host outside the cluster": case({"1:spec.host": "example.com", f"1:{MODE}": "SIMPLE"}),
        "a namespace that takes plain text": case(
            {"spec.mtls.mode": "PERMISSIVE", f"1:{MODE}": "DISABLE"}
        ),
        "another namespace is strict": case({"metadata.namespace": "web", f"1:{MODE}": "DISABLE"}),
    }
    bad = {
        "plain text": case({f"1:{MODE}": "DISABLE"}, MODE, says="api.brisa"),
        "one-sided": case({f"1:{MODE}": "SIMPLE"}, MODE),
        "the namespace itself is strict": case(
            {"metadata.namespace": "brisa", f"1:{MODE}": "DISABLE"}, MODE
        ),
        "a subset": case(
            {"1:spec.subsets": [{"name": "a", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}]},
            "spec.subsets[0].trafficPolicy.tls.mode",
        ),
        "a port": case(
            {"1:spec.trafficPolicy.portLevelSettings": [{"tls": {"mode": "SIMPLE"}}]},
            "spec.trafficPolicy.portLevelSettings[0].tls.mode",
        ),
        "a short host": case({"1:spec.host": "api", f"1:{MODE}": "DISABLE"}, MODE),
    }
