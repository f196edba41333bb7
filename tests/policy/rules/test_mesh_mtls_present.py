from policy.rules.mesh_mtls_present import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE


class TestMtlsPresent(RuleContract):
    rule = RULE
    good = {
        "the whole mesh is strict": case({"1:metadata.namespace": "istio-system"}),
        "a namespace without sidecars": case(
            {"metadata.labels": {}, "1:spec.mtls.mode": "PERMISSIVE"}
        ),
    }
    bad = {
        "permissive": case({"1:spec.mtls.mode": "PERMISSIVE"}, "metadata.name", says="brisa"),
        "strict elsewhere only": case({"1:metadata.namespace": "other"}, "metadata.name"),
        "strict for some pods only": case(
            {"1:spec.selector": {"matchLabels": {"app": "api"}}}, "metadata.name"
        ),
        "no mode": case({"1:spec.mtls": GONE}, "metadata.name"),
        "injection by revision": case(
            {"metadata.labels": {"istio.io/rev": "1-31"}, "1:spec.mtls.mode": "DISABLE"},
            "metadata.name",
        ),
    }
