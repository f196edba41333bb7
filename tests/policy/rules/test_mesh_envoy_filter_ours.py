from policy.rules.mesh_envoy_filter_ours import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

LABELS = "metadata.labels"
ALLOWED = {"resource": "EnvoyFilter/istio-system/request-id", "until": "2026-12-31", "reason": "x"}


PLUGIN = """\
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: x, namespace: brisa}
spec: {url: "oci://example.com/plugin:1"}
"""


class TestEnvoyFilterOurs(RuleContract):
    rule = RULE
    good = {"one that is exempt": case({LABELS: GONE}, config={"exempt": [ALLOWED]})}
    bad = {
        "somebody's": case({LABELS: GONE}, "spec", says="access rules too"),
        "code in proxies": case({}, "spec", objects=PLUGIN),
        "one that claims a part": case(
            {LABELS: {"app.kubernetes.io/part-of": "brisa-platform"}}, "spec"
        ),
    }
