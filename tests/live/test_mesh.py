"""What the mesh promises, seen from inside its pods."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from components.access import AccessControl
from components.mtls import MutualTls
from sandbox.errors import ClusterError
from settings.catalogue import Service
from settings.mesh import Mesh
from tests import recording
from tests.live.conftest import eventually
from tests.live.platform import IMAGE
from tests.policy.test_mesh_manifests import allow, of, route
from tests.program.stacks import manifest

WEB, API, BOOKING, NOTIFICATION = "web", "api-service", "booking-service", "notification-service"
ENTRANCE = "http://istio-ingress.istio-ingress.svc.cluster.local/"


def url(service, port=8080):
    return f"http://{service}.brisa-sandbox.svc.cluster.local:{port}/"


@pytest.fixture
def mended(platform):
    """Whatever a test breaks is whole again afterwards."""
    yield
    for service in (API, NOTIFICATION):
        platform.demo.faults(service, ["--none"])


def test_plain_text_is_reset(platform):
    """STRICT mutual TLS: who is not in the mesh gets no answer at all."""
    answer = platform.ask_from_outside(url(WEB, 3000))

    assert answer.status == 0
    assert "reset by peer" in answer.body


TILLS = "tills"
"""A namespace of the mesh that is not the catalogue's, for a service that takes plain text."""
_LISTEN = """
import http.server, json, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(json.dumps("yes").encode())
for port in (8080, 9090):
    server = http.server.ThreadingHTTPServer(("", port), Handler)
    threading.Thread(target=server.serve_forever).start()
"""


@pytest.fixture
def tills(platform):
    """A service that takes plain text at its second port, as the components write it."""
    declared = Service.model_validate(
        {
            "name": TILLS,
            "namespace": TILLS,
            "port": 8080,
            "furtherPorts": [{"port": 9090}],
            "plainText": {
                "reason": "the test has no sidecar",
                "until": f"{(datetime.now(UTC) + timedelta(days=90)).date()}",
                "sources": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
                "ports": [9090],
            },
        }
    )
    mesh = Mesh()
    graph = recording.deploy(
        lambda: (MutualTls("mtls", mesh, [declared]), AccessControl("access", mesh, [declared]))
    )
    objects = [manifest(each) for each in graph.objects]
    objects = [each for each in objects if each["metadata"]["namespace"] == TILLS]
    for each in objects:  # else the stack's rules would ask for an entry of the catalogue
        del each["metadata"]["labels"]
    container = {
        "name": TILLS,
        "image": IMAGE,
        "command": ["python3", "-c", _LISTEN],
        "imagePullPolicy": "IfNotPresent",
    }
    home = {"name": TILLS, "labels": {"istio-injection": "enabled"}}
    about = {"name": TILLS, "namespace": TILLS}
    ports = [{"name": f"http-{port}", "port": port} for port in (8080, 9090)]
    pod = {**about, "labels": {"app": TILLS}}
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": home},
        *objects,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"selector": {"app": TILLS}, "ports": ports},
        },
        {"apiVersion": "v1", "kind": "Pod", "metadata": pod, "spec": {"containers": [container]}},
    ]
    try:
        platform.apply(*objects)
        platform.kubectl(
            *("wait", f"--namespace={TILLS}", f"pod/{TILLS}", "--for=condition=Ready"),
            "--timeout=180s",
        )
        yield f"http://{TILLS}.{TILLS}.svc.cluster.local"
    finally:
        platform.kubectl("delete", "namespace", TILLS, "--ignore-not-found")


def test_a_service_takes_plain_text_where_it_has_opted_out_and_nowhere_else(platform, tills):
    let_in = platform.ask_from_outside(f"{tills}:9090/")
    assert (let_in.status, let_in.body) == (200, "yes")

    shut_out = platform.ask_from_outside(f"{tills}:8080/")
    assert shut_out.status == 0
    assert "reset by peer" in shut_out.body


def test_every_service_sees_who_calls_it(platform):
    """By the identity in the caller's certificate, along the whole chain."""
    answer = platform.ask_as_customer(ENTRANCE)

    assert answer.status == 200, answer.body
    seen, told = [], answer.body
    while True:
        seen.append((told["service"], told["caller"].rpartition("URI=")[2]))
        if not told.get("calls"):
            break
        told = told["calls"][0]["answer"]
    account = "spiffe://cluster.local/ns/{}/sa/{}".format
    assert seen == [
        (WEB, account("istio-ingress", "istio-ingress")),
        (API, account("brisa-sandbox", WEB)),
        (BOOKING, account("brisa-sandbox", API)),
        (NOTIFICATION, account("brisa-sandbox", BOOKING)),
    ]


def test_a_caller_that_is_not_declared_is_refused(platform):
    """`web` may call the API, and nobody else."""
    assert [answer.status for answer in platform.ask(WEB, url(API))] == [200]
    for service in (BOOKING, NOTIFICATION):
        (answer,) = platform.ask(WEB, url(service))
        assert (answer.status, answer.body) == (403, "RBAC: access denied")


def test_the_canary_takes_its_share(platform):
    """Ten of a hundred; of 600, forty to eighty-five come with a chance of 999 in 1,000."""
    answers = platform.ask(WEB, url(API), 600)

    assert {answer.status for answer in answers} == {200}
    versions = Counter(answer.body["version"] for answer in answers)
    assert set(versions) == {"stable", "canary"}
    assert 36 <= versions["canary"] <= 88, versions


def test_from_outside_the_canary_takes_its_share_too(platform):
    """One VirtualService holds in the mesh and at the gateway: weights have one owner."""
    answers = platform.ask_as_customers(ENTRANCE, 300, host="api.brisa.test")

    assert {answer.status for answer in answers} == {200}
    versions = Counter(answer.body["version"] for answer in answers)
    assert set(versions) == {"stable", "canary"}
    assert 12 <= versions["canary"] <= 52, versions


def test_what_fails_once_is_tried_again(platform, mended):
    """A third of the tries fail, and hardly any caller notices."""
    platform.demo.faults(API, ["--errors", "0.33", "--status", "503", "--for", "120"])
    (pod, *_) = platform.pods(WEB)
    pattern = f"cluster.outbound.*stable.*{API}.*upstream_rq_retry$"
    before = sum(platform.proxy_stats(pod, pattern).values())
    to_stable = {"x-customer-id": "7"}
    answers = platform.ask(WEB, url(API), 150, pod=pod, headers=to_stable)
    retries = sum(platform.proxy_stats(pod, pattern).values()) - before

    assert retries > 20
    assert sum(answer.status == 200 for answer in answers) >= 140


def test_a_failing_pod_is_taken_out_and_back(platform, mended):
    """The breaker: five errors in a row, and half a minute later another chance."""
    failing, healthy = platform.pods(NOTIFICATION)
    (caller, *_) = platform.pods(BOOKING)
    platform.faults(failing, NOTIFICATION, "--errors", "1", "--for", "300")

    def answered(number=10):
        found = platform.ask(BOOKING, url(NOTIFICATION), number, pod=caller)
        return Counter(each.body["pod"] if each.status == 200 else each.status for each in found)

    eventually(lambda: answered() == {healthy: 10}, what="only the healthy pod is asked")
    pattern = f"cluster.outbound.*{NOTIFICATION}.*ejections_active"
    assert sum(platform.proxy_stats(caller, pattern).values()) == 1

    platform.faults(failing, NOTIFICATION, "--none")
    eventually(lambda: failing in answered(), what="the mended pod is asked again")


WRONG = {
    "mesh-no-deny-all": allow({}, action="DENY", namespace="brisa-sandbox"),
    "mesh-no-allow-all": allow({}, namespace="brisa-sandbox"),
    "mesh-no-lasting-fault": route(
        hosts=["x.example.com"],
        namespace="brisa-sandbox",
        fault={"abort": {"httpStatus": 500, "percentage": {"value": 100}}},
    ),
    "mesh-no-posing": of(
        "WorkloadEntry", {"address": "192.0.2.9", "labels": {"app": API}}, "brisa-sandbox"
    ),
    "mesh-envoy-filter-ours": of(
        "EnvoyFilter",
        {"configPatches": []},
        "brisa-sandbox",
        group="networking.istio.io/v1alpha3",
    ),
}


@pytest.mark.parametrize("rule", WRONG)
def test_what_would_harm_is_refused_by_the_cluster_itself(platform, rule):
    with pytest.raises(ClusterError, match=rule):
        platform.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(WRONG[rule]))
