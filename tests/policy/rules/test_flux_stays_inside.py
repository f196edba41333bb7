from policy.rules.flux_stays_inside import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

CHART = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: redis, namespace: brisa}
spec:
  interval: 5m0s
  chart: {spec: {chart: redis, version: 19.0.1, sourceRef: {kind: HelmRepository, name: x}}}
"""
SOURCE = "spec.sourceRef.namespace"


class TestStaysInside(RuleContract):
    rule = RULE
    good = {
        "no namespace is said": case({"spec.targetNamespace": GONE}),
        "the platform's own goes anywhere": case(
            {"metadata.namespace": "flux-system", "spec.targetNamespace": "kube-system"}
        ),
        "a source of Flux's namespace": case({SOURCE: "flux-system"}),
        "a chart": case(objects=CHART),
        "a Flux of another namespace": case(
            {SOURCE: "gitops", "1:spec.chart.spec.sourceRef.namespace": "gitops"},
            config={"flux": "gitops"},
        ),
    }
    bad = {
        "the cluster's own namespace": case(
            {"spec.targetNamespace": "kube-system"}, "spec.targetNamespace"
        ),
        "another cluster": case(
            {"spec.kubeConfig": {"secretRef": {"name": "x"}}}, "spec.kubeConfig"
        ),
        "a source of another tenant": case({SOURCE: "theirs"}, SOURCE, says="another tenant"),
        "the newest chart": case(
            {"spec.chart.spec.version": "*"}, "spec.chart.spec.version", objects=CHART
        ),
        "a chart without a version": case(
            {"spec.chart.spec.version": GONE}, "spec.chart.spec.version", objects=CHART
        ),
        "a chart whose release is elsewhere": case(
            {"spec.storageNamespace": "kube-system"}, "spec.storageNamespace", objects=CHART
        ),
        "any newer chart": case(
            {"spec.chart.spec.version": ">=1.0.0"}, "spec.chart.spec.version", objects=CHART
        ),
    }
