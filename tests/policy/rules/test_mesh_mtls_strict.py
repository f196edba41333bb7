from policy.rules.mesh_mtls_strict import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE


class TestMtlsStrict(RuleContract):
    rule = RULE
    good = {
        "ports may repeat it": case({"spec.portLevelMtls": {"8080": {"mode": "STRICT"}}}),
        "a weaker one may be exempt until a date": case(
            {"spec.mtls.mode": "PERMISSIVE"},
            config={
                "exempt": [
                    {
                        "resource": "PeerAuthentication/istio-system/default-mtls",
                        "until": "2026-11-23",
                        "reason": "migration",
                    }
                ]
            },
        ),
    }
    bad = {
        "permissive": case({"spec.mtls.mode": "PERMISSIVE"}, "spec.mtls.mode", says="STRICT"),
        "disabled": case({"spec.mtls.mode": "DISABLE"}, "spec.mtls.mode"),
        "unset by name": case({"spec.mtls.mode": "UNSET"}, "spec.mtls.mode"),
        "no mode": case({"spec.mtls.mode": GONE}, "spec.mtls.mode"),
        "no mtls": case({"spec.mtls": GONE}, "spec.mtls.mode"),
        "one port is open": case(
            {"spec.portLevelMtls": {"8080": {"mode": "DISABLE"}, "80": {"mode": "STRICT"}}},
            "spec.portLevelMtls.8080.mode",
        ),
        "one port inherits": case(
            {"spec.portLevelMtls": {"8080": {}}}, "spec.portLevelMtls.8080.mode"
        ),
        "an outdated API version changes nothing": case(
            {"apiVersion": "security.istio.io/v1beta1", "spec.mtls.mode": "PERMISSIVE"},
            "spec.mtls.mode",
        ),
        "an exemption that has ended": case(
            {"spec.mtls.mode": "PERMISSIVE"},
            "spec.mtls.mode",
            config={
                "exempt": [
                    {
                        "resource": "PeerAuthentication/istio-system/default-mtls",
                        "until": "2026-11-22",
                        "reason": "migration",
                    }
                ]
            },
        ),
    }
