from policy.rules.mesh_no_posing import RULE
from tests.policy.contract import RuleContract, case

HOST = "spec.hosts[0]"


class TestNoPosing(RuleContract):
    rule = RULE
    good = {
        "a wildcard outside": case({f"1:{HOST}": "*.payments.example"}),
        "a machine without labels": case({"0:spec.labels": {}}),
    }
    bad = {
        "a service by its full name": case(
            {f"1:{HOST}": "api.brisa.svc.cluster.local"}, HOST, says="sent elsewhere"
        ),
        "a service by its short name": case({f"1:{HOST}": "api"}, HOST),
        "a machine that Services select": case(
            {"0:spec.labels": {"app": "api"}}, "spec.labels.app", says="app=api"
        ),
    }
