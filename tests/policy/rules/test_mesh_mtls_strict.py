from policy.rules.mesh_mtls_strict import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

OPTED = {
    "plainText": [{"namespace": "brisa", "service": "legacy", "until": "2026-11-23"}],
}
OVER = {
    "plainText": [{"namespace": "brisa", "service": "legacy", "until": "2026-11-22"}],
}
OF_LEGACY = {
    "metadata.namespace": "brisa",
    "spec.selector": {"matchLabels": {"app": "legacy"}},
    "spec.portLevelMtls": {"8080": {"mode": "PERMISSIVE"}},
}


class TestMtlsStrict(RuleContract):
    rule = RULE
    good = {
        "a service of the catalogue may take plain text until a date": case(
            OF_LEGACY, config=OPTED
        ),
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
        "a port is open, and no entry of the catalogue says so": case(
            OF_LEGACY, "spec.portLevelMtls.8080.mode"
        ),
        "what the catalogue let in has ended": case(
            OF_LEGACY, "spec.portLevelMtls.8080.mode", says="until 2026-11-22", config=OVER
        ),
        "the entry is of a service in another namespace": case(
            OF_LEGACY | {"metadata.namespace": "shop"},
            "spec.portLevelMtls.8080.mode",
            config=OPTED,
        ),
        "an entry is no leave for the whole namespace": case(
            {key: OF_LEGACY[key] for key in OF_LEGACY if "selector" not in key},
            "spec.portLevelMtls.8080.mode",
            config=OPTED,
        ),
        "an entry lets plain text in at ports, not everywhere": case(
            OF_LEGACY | {"spec.mtls.mode": "PERMISSIVE"}, "spec.mtls.mode", config=OPTED
        ),
        "an entry is no leave to turn mutual TLS off": case(
            OF_LEGACY | {"spec.portLevelMtls": {"8080": {"mode": "DISABLE"}}},
            "spec.portLevelMtls.8080.mode",
            config=OPTED,
        ),
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
