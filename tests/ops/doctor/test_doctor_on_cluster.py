"""The doctor on a real API server: one that has the platform's kinds, and one with troubles."""

import json

import pytest

from ops.areas import Sources
from ops.cluster import connect
from ops.doctor import examine
from ops.stack import Stack

pytestmark = pytest.mark.cluster

STACK = Stack(
    "prod",
    {
        "environment": "production",
        "services": [
            {"name": "outside", "namespace": "doctor", "port": 80},
            {"name": "silent", "namespace": "doctor", "port": 80, "replicas": 2},
            {"name": "missing", "namespace": "doctor", "port": 80, "callers": ["ingress"]},
        ],
        "chaos": {"install": False},
        "anomaly": {
            "prometheusUrl": "http://prometheus:9090",
            "image": {"digest": f"sha256:{'0' * 64}"},
            "results": {"alertmanager": {"url": "http://alerts.doctor.svc:9093"}},
        },
    },
)
TROUBLES = {
    "stack": "cluster.context",
    "namespace": "kubectl get namespace anomaly-detection",
    "webhook": "kubectl delete validatingwebhookconfiguration left-over",
    "Chaos Mesh": "install it",
    "Prometheus": "NAME.NAMESPACE",
    "Alertmanager": "set anomaly.results.alertmanager.url",
    "outside": "give it a selector",
    "silent": "access rules name it",
    "missing": "take it out of the catalogue",
    "gateway": "install a gateway",
    "gate": "promotion: off",
    "image of anomaly": "build the image",
    "DNS": "network settings",
}


def made(kind, name, namespace=None, api_version="v1", **parts):
    meta = {"name": name} | ({"namespace": namespace} if namespace else {})
    about = {"apiVersion": api_version, "kind": kind}
    return {**about, **parts, "metadata": {**meta, **parts.get("metadata", {})}}


POD = {
    "metadata": {"labels": {"app": "istiod"}},
    "spec": {"containers": [{"name": "it", "image": "istiod:1.2.3"}]},
}
WEBHOOK = {
    "name": "left.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"],
    "clientConfig": {"service": {"namespace": "doctor", "name": "gone"}},
    "rules": [{"apiGroups": ["nobody.example"], "apiVersions": ["v1"], "operations": ["CREATE"],
               "resources": ["nothings"]}],
}  # fmt: skip
OBJECTS = [
    made("Namespace", "doctor"),
    made("Namespace", "brisa-platform"),
    made("Namespace", "anomaly-detection", metadata={"finalizers": ["example.org/held"]}),
    made("ConfigMap", "release", "brisa-platform", data={"environment": "staging"}),
    made(
        "ValidatingWebhookConfiguration", "left-over",
        api_version="admissionregistration.k8s.io/v1", webhooks=[WEBHOOK],
    ),
    made("Service", "outside", "doctor", spec={"type": "ExternalName", "externalName": "x.org"}),
    made(
        "Service", "silent", "doctor",
        spec={"selector": {"app": "silent"}, "ports": [{"port": 80, "name": "http"}]},
    ),
    made(
        "Deployment", "istiod", "doctor", api_version="apps/v1",
        spec={"replicas": 0, "selector": {"matchLabels": {"app": "istiod"}}, "template": POD},
    ),
]  # fmt: skip


def seen(platform, stack=None):
    cluster = connect(str(platform.kubeconfig))
    examination = examine(Sources(cluster), stack)
    cluster.close()
    return examination.checks


@pytest.fixture(scope="module")
def found(platform):
    return {each.name: each for each in seen(platform)}


@pytest.fixture(scope="module")
def troubled(platform, tmp_path_factory):
    """What it says while troubles are there."""
    file = tmp_path_factory.mktemp("troubles") / "objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}))
    platform.kubectl("apply", "-f", str(file))
    platform.kubectl("delete", "namespace", "anomaly-detection", "--wait=false")
    yield seen(platform, STACK)
    free = '{"metadata": {"finalizers": null}}'
    platform.kubectl("patch", "namespace", "anomaly-detection", "--type=merge", "-p", free)
    platform.kubectl("delete", "-f", str(file), "--ignore-not-found", "--wait=false")


@pytest.mark.parametrize("name", ["version", "clock", "rights", "Prometheus Operator", "Istio"])
def test_asks_what_a_real_api_server_answers(found, name):
    assert found[name].state == "well", found[name]


def test_says_that_an_empty_cluster_has_no_dns(found):
    assert found["DNS"].state == "unwell"


@pytest.mark.parametrize("name", TROUBLES)
def test_names_a_trouble_with_its_remedy(troubled, name):
    told = [each for each in troubled if each.name == name and each.state == "unwell"]
    assert any(TROUBLES[name] in each.remedy for each in told), [
        each for each in troubled if each.name == name
    ]


def test_ends_with_3_and_prints_a_document(command, platform):
    done = command("doctor", "-o", "json", kubeconfig=platform.kubeconfig)
    assert (done.code, done.document["document"]) == (3, "doctor/1")
