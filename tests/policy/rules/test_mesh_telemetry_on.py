from policy.rules.mesh_telemetry_on import RULE
from tests.policy.contract import RuleContract, case

OVERRIDES = "spec.metrics[0].overrides"
OFF = f"{OVERRIDES}[0].disabled"


def disabled(metric):
    return [{"match": {"metric": metric}, "disabled": True}]


class TestTelemetryOn(RuleContract):
    rule = RULE
    good = {
        "a metric that nobody asks for": case({OVERRIDES: disabled("REQUEST_SIZE")}),
        "a label more": case({OVERRIDES: [{"tagOverrides": {"team": {"value": "'shop'"}}}]}),
        "what the stack has declared": case(
            {
                OVERRIDES: disabled("ALL_METRICS"),
                'metadata.annotations["platform.brisa/metrics"]': "off",
            }
        ),
    }
    bad = {
        "all of them": case({OVERRIDES: disabled("ALL_METRICS")}, OFF, says="looks well"),
        "all, as none is named": case({OVERRIDES: [{"disabled": True}]}, OFF),
        "requests": case({OVERRIDES: disabled("REQUEST_COUNT")}, OFF),
        "durations": case({OVERRIDES: disabled("REQUEST_DURATION")}, OFF),
        "a label less": case(
            {OVERRIDES: [{"tagOverrides": {"destination_service_name": {"operation": "REMOVE"}}}]},
            f"{OVERRIDES}[0].tagOverrides.destination_service_name",
            says="tell services apart",
        ),
    }
