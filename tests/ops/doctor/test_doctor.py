"""Prepared troubles, each named with its remedy; and a cluster in which nothing is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.areas import Sources
from ops.cluster.discovery import Catalogue, Resource
from ops.doctor import examine
from ops.errors import (
    ForbiddenError,
    NotInstalledError,
    SourceError,
    UnreachableError,
)
from ops.stack import Stack
from tests.ops.conftest import made, ready
from vocabulary.kinds import (
    ADMISSION_POLICY,
    GIT_REPOSITORY,
    POD_MONITOR,
    PROMETHEUS_RULE,
    SCHEDULE,
    VIRTUAL_SERVICE,
    Kind,
)

STACK = {
    "cluster": {"context": "prod"},
    "services": [{"name": "web", "namespace": "shop", "port": 80, "replicas": 1,
                  "callers": ["ingress"]}],
    "anomaly": {"prometheusUrl": "http://prometheus.monitoring.svc.cluster.local:9090"},
}  # fmt: skip
TRUSTING = {"platform-promotion-verdict": {"trustedKeys": ["ed25519:x"]}}
BUILT = f"sha256:{'7c' * 32}"
MUTATING = Kind("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy")
KINDS = (ADMISSION_POLICY, MUTATING, GIT_REPOSITORY, POD_MONITOR, PROMETHEUS_RULE, SCHEDULE,
         VIRTUAL_SERVICE)  # fmt: skip


def service(name="web", namespace="shop", port=80, **about):
    ports = [{"port": port, "name": "http", **about}]
    labels = {"k8s-app": name}
    spec = {"ports": ports, "selector": {"app": name}}
    return made("Service", name, namespace, metadata={"labels": labels}, spec=spec)


def pod(name="web", namespace="shop", **labels):
    kept = {"app": name, "version": "stable", **labels}
    status = {"phase": "Running", "conditions": [ready()]}
    return made("Pod", name, namespace, metadata={"labels": kept}, status=status)


def deployment(of, namespace, image="x:1.2.3", **container):
    spec = {"template": {"spec": {"containers": [{"image": image, **container}]}}}
    return made("Deployment", of, namespace, spec=spec)


def node(runtime="containerd://2.0"):
    return made("Node", status={"nodeInfo": {"containerRuntimeVersion": runtime}})


WELL = {
    "node": node(),
    "network": made("DaemonSet", "cilium", "kube-system"),
    "dns": service("kube-dns", "kube-system", 53),
    "namespace": made("Namespace", "monitoring", None),
    "prometheus": service("prometheus", "monitoring", 9090),
    "service": service(),
    "account": made("ServiceAccount", "web"),
    "pod": pod(),
    "gateway": pod("gateway", "istio-ingress"),
}


class FakeCluster:
    """Holds objects and kinds, and answers what the doctor asks the API server."""

    name = "prod"
    user = "ada"

    def __init__(self, objects, kinds=KINDS, *, version="v1.36.1", allowed=True, ahead=0):
        self.objects, self.kinds = objects, kinds
        self.version, self.allowed, self.ahead = version, allowed, timedelta(seconds=ahead)
        self.forbidden = ()

    @property
    def catalogue(self):
        return self

    def find(self, kind):
        for each in self.kinds:
            if (each.group, each.kind) == (kind.group, kind.kind):
                return Resource(each.api_version, each.kind, each.kind.lower())
        raise NotInstalledError(f"no kind {kind.kind}")

    def all(self, kind, namespace=None):
        if kind.kind in self.forbidden:
            raise ForbiddenError(f"may not list {kind.kind}")
        return [
            each
            for each in self.objects
            if each["kind"] == kind.kind and namespace in (None, each["metadata"]["namespace"])
        ]

    def one(self, kind, namespace, name):
        there = self.all(kind, namespace)
        return next((each for each in there if each["metadata"]["name"] == name), None)

    def request(self, _method, path, _body=None):
        if self.allowed is None and path.endswith("accessreviews"):
            raise ForbiddenError("the cluster does not know you")
        moment = (datetime.now(UTC) + self.ahead).isoformat()
        return {
            "/version": {"gitVersion": self.version},
            "/apis/authentication.k8s.io/v1/selfsubjectreviews": {
                "metadata": {"creationTimestamp": moment}
            },
        }.get(path, {"status": {"allowed": self.allowed}})


def checks(changes=(), stack=STACK, cluster=None, rules=TRUSTING, alertmanager=None, **api):
    """What is found, by name, in a cluster in which something is not as it should be."""
    objects = {**WELL, **dict(changes)}
    there = cluster or FakeCluster([each for each in objects.values() if each], **api)
    sources = Sources(there, alertmanager=alertmanager)
    found = examine(sources, Stack("prod", stack, rules) if stack else None)
    return {each.name: each for each in found.checks}, found


def without(*kinds):
    return tuple(kind for kind in KINDS if kind not in kinds)


SHOP = {"hosts": ["shop.example.com"]}
CHANGED = {"services": [STACK["services"][0] | {"route": {"canary": {"weight": 10}}}]}
ADOPTED = STACK | {"mesh": {"install": False}}
OLD_ISTIO = Kind("networking.istio.io/v1beta1", "VirtualService")


def hook(of, **service):
    asked = {
        "clientConfig": {"service": {"namespace": "istio-system", "name": "istiod", **service}}
    }
    return made("MutatingWebhookConfiguration", of, None, webhooks=[asked])


def server(**spec):
    return made("Prometheus", "k8s", "monitoring", spec={"enableRemoteWriteReceiver": True, **spec})


TROUBLES = {
    "a cluster that runs another stack": (
        {"release": made("ConfigMap", "release", "brisa-platform",
                         data={"environment": "staging"})},
        {"stack": STACK | {"environment": "production"}}, "stack", "cluster.context",
    ),
    "a namespace that does not go": (
        {"going": made("Namespace", "istio-system", None,
                       metadata={"deletionTimestamp": "2026-11-24T11:00:00Z"})}, {},
        "namespace", "kubectl get namespace istio-system",
    ),
    "a webhook that nobody answers": (
        {"hook": hook("istio-sidecar-injector")}, {}, "webhook",
        "kubectl delete mutatingwebhookconfiguration istio-sidecar-injector",
    ),
    "an Istio that is too old": (
        {"istiod": deployment("istiod", "istio-system")},
        {"stack": ADOPTED, "kinds": (*without(VIRTUAL_SERVICE), OLD_ISTIO)}, "Istio", "upgrade it",
    ),
    "no node that is ready": (
        {"node": node() | {"status": {"conditions": [ready("False")], **node()["status"]}}}, {},
        "nodes", "kubectl describe nodes",
    ),
    "a Prometheus that selects other rules": (
        {"server": server(ruleSelector={"matchLabels": {"release": "mine"}},
                          podMonitorSelector={})}, {},
        "Prometheus Operator", "observability.operatorLabels",
    ),
    "a Prometheus that selects no monitors": (
        {"server": server(ruleSelector={})}, {}, "Prometheus Operator", "its selector to {}",
    ),
    "a Prometheus without its namespace": (
        {}, {"stack": STACK | {"anomaly": {"prometheusUrl": "http://prometheus:9090"}}},
        "Prometheus", "NAME.NAMESPACE.svc.cluster.local",
    ),
    "a Service that leads outside": (
        {"service": service() | {"spec": {"type": "ExternalName", "externalName": "x.org"}}}, {},
        "web", "give it a selector",
    ),
    "credentials that do not count any more": ({}, {"allowed": None}, "rights", "log in again"),
    "an old Kubernetes": ({}, {"version": "v1.29.4"}, "version", "upgrade to 1.32"),
    "no admission policies": (
        {}, {"kinds": without(ADMISSION_POLICY)}, "ValidatingAdmissionPolicy", "upgrade",
    ),
    "workflows without mutating policies": (
        {}, {"kinds": without(MUTATING), "stack": STACK | {"chaos": {"workflows": [{}]}}},
        "MutatingAdmissionPolicy", "chaos.abortable: false",
    ),
    "a clock that is wrong": ({}, {"ahead": 600}, "clock", "NTP"),
    "no rights": ({}, {"allowed": False}, "rights", "cluster administrator"),
    "another runtime": (
        {"node": node("cri-o://1.31")}, {}, "container runtime", "chaos.install: false",
    ),
    "a network without policies": (
        {"network": made("DaemonSet", "kube-flannel-ds", "kube-flannel")}, {},
        "network policies", "Cilium or Calico",
    ),
    "no DNS in kube-system": ({"dns": None}, {}, "DNS", "where DNS is"),
    "a DNS cache on nodes": (
        {"cache": made("DaemonSet", "node-local-dns", "kube-system")}, {}, "DNS", "port 53",
    ),
    "an Istio that is there": (
        {"istiod": deployment("istiod", "istio-system")}, {}, "Istio", "mesh.install: false",
    ),
    "a Flux that is there": (
        {"flux": deployment("source-controller", "flux-system")}, {}, "Flux",
        "gitops.install: none",
    ),
    "a Chaos Mesh that is not there": (
        {}, {"stack": STACK | {"chaos": {"install": False}}}, "Chaos Mesh", "install it",
    ),
    "an Istio that injects for another revision": (
        {"istiod": deployment("istiod-1-31", "istio-system"),
         "injector": made("MutatingWebhookConfiguration", "x", None, metadata={"labels": {
             "app": "sidecar-injector", "istio.io/rev": "1-31", "istio.io/tag": "stable"}})},
        {"stack": STACK | {"mesh": {"install": False, "revision": "canary"}}}, "sidecars",
        "set mesh.revision",
    ),
    "a namespace in ambient mode": (
        {"shop": made("Namespace", "shop", None, metadata={"labels": {
            "istio.io/dataplane-mode": "ambient"}})}, {}, "data plane", "restart",
    ),
    "a health address that nobody has": (
        {}, {"stack": STACK | {"chaos": {"health": {
            "url": "http://gw.edge.svc.cluster.local/health"}}}},
        "health of experiments", "set chaos.health.url",
    ),
    "no Prometheus Operator": (
        {}, {"kinds": without(PROMETHEUS_RULE)}, "Prometheus Operator", "install",
    ),
    "no namespace for monitoring": (
        {"namespace": None}, {}, "namespace", "createNamespace: true",
    ),
    "a Prometheus of another name": (
        {"prometheus": service("kube-prometheus-stack-prometheus", "monitoring", 9090)}, {},
        "Prometheus", "kube-prometheus-stack-prometheus.monitoring",
    ),
    "a Prometheus that takes no writes": (
        {"server": made("Prometheus", "k8s", "monitoring", spec={})}, {}, "remote write",
        "enableRemoteWriteReceiver: true",
    ),
    "a sidecar with another label": (
        {"grafana": deployment("grafana", "monitoring", name="grafana-sc-dashboard",
                               env=[{"name": "LABEL", "value": "boards"}])}, {},
        "Grafana", "grafana_dashboard",
    ),
    "no Service": ({"service": None}, {}, "web", "take it out of the catalogue"),
    "another port": ({"service": service(port=81)}, {}, "web", "set port in the catalogue"),
    "a port without a protocol": (
        {"service": service() | {"spec": {
            "ports": [{"port": 80, "name": "web"}], "selector": {"app": "web"}}}}, {},
        "web", "appProtocol: http",
    ),
    "no ServiceAccount": ({"account": None}, {}, "web", "access rules name it"),
    "no pods": ({"pod": None}, {}, "web", "start its workload"),
    "pods without the label of a version": (
        {"pod": pod(version="")}, {"stack": STACK | CHANGED}, "web", "answered with 503",
    ),
    "a canary that nobody runs": ({}, {"stack": STACK | CHANGED}, "web", "route.canary: null"),
    "too few replicas": (
        {}, {"stack": STACK | {"services": [STACK["services"][0] | {"replicas": 3}]}}, "web",
        "correct replicas",
    ),
    "no gateway": ({"gateway": None}, {}, "gateway", "install a gateway"),
    "an Alertmanager of another name": (
        {"alerting": service("am", "monitoring", 9093)},
        {"stack": STACK | {"anomaly": {"results": {"alertmanager": {
            "url": "http://alertmanager.monitoring.svc:9093"}}}}},
        "Alertmanager", "such as am.monitoring",
    ),
    "an image without a registry": (
        {}, {"stack": STACK | {"anomaly": {"image": {
            "digest": BUILT, "repository": "https://r.example/x"}}}},
        "image of anomaly", "without scheme",
    ),
    "a production that trusts nobody": (
        {}, {"stack": STACK | {"environment": "production"}, "rules": {}}, "gate",
        "promotion: off",
    ),
    "a way in without Gateway API": (
        {}, {"stack": STACK | {"services": [STACK["services"][0] | {"ingress": SHOP}]}}, "gateway",
        "install Gateway API's definitions",
    ),
    "a digest of zeros": (
        {}, {"stack": STACK | {"anomaly": {"image": {"digest": "sha256:" + "0" * 64}}}},
        "image of anomaly", "build the image",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_is_named_with_its_remedy(trouble):
    changes, given, name, remedy = TROUBLES[trouble]
    _, found = checks(changes, **given)
    told = [each for each in found.checks if each.name == name and each.state == "unwell"]
    assert any(remedy in each.remedy for each in told)
    assert not found.well


def test_nothing_is_wrong_where_nothing_is():
    _, found = checks()
    assert [each for each in found.checks if each.state != "well"] == []
    assert found.well


@pytest.mark.parametrize("revision", ["1-31", "stable"])
def test_an_istio_that_is_there_is_known_by_its_revision_or_a_tag(revision):
    marks = {"app": "sidecar-injector", "istio.io/rev": "1-31", "istio.io/tag": "stable"}
    hook = made("MutatingWebhookConfiguration", "x", None, metadata={"labels": marks})
    stack = STACK | {"mesh": {"install": False, "revision": revision}}
    changes = {"istiod": deployment("istiod-1-31", "istio-system"), "injector": hook}
    by_name, _ = checks(changes, stack=stack)
    assert by_name["sidecars"].found == f"injected by {revision}"
    assert by_name["Istio"].found == "istiod-1-31 1.2.3 in istio-system"


def test_a_prometheus_outside_the_cluster_is_none_of_its_services():
    by_name, found = checks(
        stack=STACK | {"anomaly": {"prometheusUrl": "https://prometheus.example.org"}}
    )
    assert by_name["Prometheus"].state == "unknown"
    assert found.well


def test_a_webhook_that_is_answered_is_in_nobodys_way():
    objects = {"hook": hook("mine", name="kube-dns", namespace="kube-system")}
    assert checks(objects)[1].well


def test_a_prometheus_that_selects_what_we_carry_is_well():
    chosen = {"matchLabels": {"release": "kube-prometheus-stack"}}
    objects = {"server": server(ruleSelector=chosen, podMonitorSelector=chosen)}
    assert checks(objects)[0]["Prometheus Operator"].state == "well"


def test_pods_need_no_version_where_nothing_is_split():
    by_name, found = checks({"pod": pod(version="")})
    assert by_name["web"].state == "well"
    assert found.well


def test_what_we_have_installed_ourselves_is_no_stranger():
    ours = made("ConfigMap", "release", "brisa-platform")
    by_name, found = checks({"istiod": deployment("istiod", "istio-system"), "record": ours})
    assert by_name["Istio"].found == "istiod 1.2.3 in istio-system"
    assert found.well


def test_without_a_stack_the_cluster_alone_is_looked_at():
    by_name, found = checks(stack=None)
    assert "web" not in by_name
    assert found.well


def test_what_cannot_be_asked_is_unknown_and_hides_nothing():
    there = FakeCluster(list(WELL.values()))
    there.forbidden = ("Node",)
    by_name, found = checks(cluster=there)
    assert by_name["container runtime"].state == "unknown"
    assert "may not list Node" in by_name["container runtime"].found
    assert by_name["web"].state == "well"
    assert found.well


def test_a_cluster_that_does_not_answer_is_one_error():
    class Dead(FakeCluster):
        def request(self, *_):
            raise UnreachableError("nobody is there")

    with pytest.raises(UnreachableError):
        checks(cluster=Dead([]))


def test_a_server_without_mutating_policies_will_do_where_the_stack_does_without():
    chaos = {"chaos": {"workflows": [{}], "abortable": False}}
    by_name, found = checks(stack=STACK | chaos, kinds=without(MUTATING), version="v1.32.0")
    assert "stops no experiment" in by_name["MutatingAdmissionPolicy"].found
    assert found.well


def test_a_stack_without_the_prometheus_operator_needs_none_of_its_kinds():
    seen = {"observability": {"rules": {"delivery": "configMap"}, "scraping": {"delivery": "none"}}}
    _, found = checks(stack=STACK | seen, kinds=without(PROMETHEUS_RULE, POD_MONITOR))
    assert found.well


class TestImages:
    PINNED = STACK | {"anomaly": {"image": {"digest": BUILT, "repository": "r.example/x"}}}

    def test_that_a_node_has_pulled_can_be(self):
        holding = node()
        holding["status"]["images"] = [{"names": [f"r.example/x@{BUILT}"]}]
        by_name, _ = checks({"node": holding}, stack=self.PINNED)
        assert by_name["image of anomaly"].state == "well"

    def test_that_no_node_has_pulled_are_unknown(self):
        by_name, found = checks(stack=self.PINNED)
        assert by_name["image of anomaly"].state == "unknown"
        assert found.well


class TestTheSigningKey:
    GATED = STACK | {"environment": "production"}

    def test_is_well_where_it_is(self, monkeypatch):
        monkeypatch.setenv("BRISA_VERDICT_KEY", "secret")
        by_name, _ = checks(stack=self.GATED)
        assert by_name["signing key"].state == "well"
        assert "secret" not in by_name["signing key"].found

    def test_that_is_elsewhere_is_unknown(self, monkeypatch):
        monkeypatch.delenv("BRISA_VERDICT_KEY", raising=False)
        by_name, found = checks(stack=self.GATED)
        assert by_name["signing key"].state == "unknown"
        assert by_name["gate"].found == "trusted keys: 1"
        assert found.well

    def test_is_nobodys_business_where_nothing_is_signed(self):
        by_name, _ = checks(stack=self.GATED | {"promotion": "off"})
        assert "signing key" not in by_name


class TestAlertmanager:
    class Answering:
        url = "http://127.0.0.1:9093"

        def firing(self):
            return []

    class Silent(Answering):
        def firing(self):
            raise SourceError("no answer")

    def test_that_answers_is_well(self):
        by_name, _ = checks(alertmanager=self.Answering())
        assert by_name["alerts"].found == "http://127.0.0.1:9093 answers, 0 fire"

    def test_that_does_not_answer_is_told(self):
        by_name, _ = checks(alertmanager=self.Silent())
        assert by_name["Alertmanager"].found == "could not be asked: no answer"


def test_a_gate_that_is_off_is_said():
    by_name, _ = checks(stack=STACK | {"promotion": False})
    assert by_name["gate"].found.startswith("off")


def test_kinds_of_the_core_group_are_known_to_every_catalogue():
    catalogue = Catalogue({"kind": "APIGroupDiscoveryList", "items": []})
    for kind in ("Pod", "Service", "Node", "Namespace", "ConfigMap", "Event", "ServiceAccount"):
        assert catalogue.find(Kind("v1", kind)).kind == kind
