from policy.rules.flux_interval import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

INTERVAL = "spec.interval"


class TestInterval(RuleContract):
    rule = RULE
    good = {
        "the shortest": case({INTERVAL: "60s"}),
        "the longest": case({INTERVAL: "1h"}),
        "an OCI Helm repository has none": case(
            {"kind": "HelmRepository", "spec": {"type": "oci", "url": "oci://x/y"}}
        ),
        "other bounds": case({INTERVAL: "10s"}, config={"least": "10s"}),
    }
    bad = {
        "too often": case({INTERVAL: "59s"}, INTERVAL, says="1m0s to 1h0m0s"),
        "too seldom": case({INTERVAL: "61m"}, INTERVAL),
        "days": case({INTERVAL: "1d"}, INTERVAL, says="not a duration"),
        "a bare number": case({INTERVAL: 300}, INTERVAL, says="not a string"),
        "none": case({INTERVAL: GONE}, INTERVAL),
        "a Kustomization": case(
            {
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
                "kind": "Kustomization",
                INTERVAL: "1s",
            },
            INTERVAL,
        ),
        "a HelmRelease": case(
            {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", INTERVAL: "24h"},
            INTERVAL,
        ),
    }
