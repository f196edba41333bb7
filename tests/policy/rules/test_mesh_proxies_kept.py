from policy.rules.mesh_proxies_kept import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

INJECTION = 'metadata.labels["istio-injection"]'
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, labels: {istio-injection: enabled}}
"""
SIDECAR = """\
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: web, namespace: brisa}
spec:
  workloadSelector: {labels: {app: web}}
  egress: [{hosts: [./api.brisa.svc.cluster.local]}]
"""
OURS = {"app.kubernetes.io/part-of": "brisa-platform", "app.kubernetes.io/managed-by": "pulumi"}
CATALOGUE = {"catalogue": ["brisa"]}


class TestProxiesKept(RuleContract):
    rule = RULE
    config = CATALOGUE
    good = {
        "a revision": case({"metadata.labels": {"istio.io/rev": "1-31"}}, objects=NAMESPACE),
        "a namespace of nobody": case(
            {INJECTION: "disabled", "metadata.name": "x"}, objects=NAMESPACE
        ),
        "the platform's for the whole namespace": case(
            {"metadata.labels": OURS, "spec.workloadSelector": GONE}, objects=SIDECAR
        ),
    }
    bad = {
        "no proxies": case(
            {INJECTION: "disabled"}, "metadata.labels.istio-injection", objects=NAMESPACE
        ),
        "another for the whole namespace": case(
            {"spec.workloadSelector": GONE}, "spec.workloadSelector", objects=SIDECAR
        ),
        "nobody can be called": case(
            {"spec.egress[0].hosts": ["~/*"]}, "spec.egress[0].hosts[0]", objects=SIDECAR
        ),
        "another TLS": case(
            {"spec.ingress": [{"tls": {"mode": "SIMPLE"}}]}, "spec.ingress[0].tls", objects=SIDECAR
        ),
        "a label that is gone": case(
            {"metadata.labels": {}}, "metadata.labels.istio-injection", objects=NAMESPACE
        ),
    }
