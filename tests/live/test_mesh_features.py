"""What else the catalogue can say of a service, seen by those who call it through real proxies.

The services are in a namespace of the mesh that is not the stack's; what the components make of
their entries is applied as it is.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest

from components.access import AccessControl
from components.mtls import MutualTls
from components.service_route import ServiceRoute
from settings.catalogue import Service
from settings.mesh import Mesh
from tests import recording
from tests.live.platform import IMAGE, Platform
from tests.program.stacks import manifest
from vocabulary.kinds import VIRTUAL_SERVICE as ROUTE

HOME = "fair"
VISITOR, STRANGER = "visitor", "stranger"
WAIT = "import signal; signal.pause()"
SERVE = """
import http.server, json, os, socketserver, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(float(self.path.rpartition("=")[2] or 0) if "=" in self.path else 0)
        body = json.dumps(os.environ["HOSTNAME"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)
echo = socketserver.ThreadingTCPServer(("", 9000), Echo)
threading.Thread(target=echo.serve_forever).start()
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""
ASK = """
import json, sys, time, urllib.error, urllib.request
url, seconds, pause = sys.argv[1], float(sys.argv[2]), 0.02
end = time.monotonic() + seconds
while True:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            print(json.dumps([answer.status, json.load(answer)]))
    except urllib.error.HTTPError as refusal:
        print(json.dumps([refusal.code, refusal.read().decode()]))
    if time.monotonic() > end:
        break
    time.sleep(pause)
"""
"""Asks once, or for so many seconds."""
TALK = """
import socket, sys
with socket.create_connection((sys.argv[1], 9000), timeout=10) as line:
    line.sendall(b"hello\\n")
    print(line.recv(100).decode().strip())
"""
KNOWN = [{"namespace": HOME, "serviceAccount": VISITOR}]
SPLIT = {"weight": 50, "owner": "stack"}


def entry(name: str, **more: Any) -> Service:
    """What the catalogue says of a service."""
    common = {"name": name, "namespace": HOME, "port": 8080, "externalCallers": KNOWN}
    return Service.model_validate(common | more)


def declared(canary: Mapping[str, Any] | None = None) -> list[Service]:
    return [
        entry("stall", route={"timeout": "3s"} | ({"canary": canary} if canary else {})),
        entry("slow", route={"timeout": None}),
        entry("line", port=9000, protocol="tcp"),
        entry("books", workload="StatefulSet"),
    ]


def account(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": HOME},
    }


def template(app: str, program: str, version: str | None = None) -> dict[str, Any]:
    labels = {"app": app} | ({"version": version} if version else {})
    container = {
        "name": app,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", program],
    }
    if program == SERVE:
        container["readinessProbe"] = {"httpGet": {"path": "/", "port": 8080}}
    spec = {
        "serviceAccountName": app,
        "containers": [container],
        "terminationGracePeriodSeconds": 1,
    }
    return {"metadata": {"labels": labels}, "spec": spec}


def pod(name: str, app: str, program: str, version: str | None = None) -> dict[str, Any]:
    made = template(app, program, version)
    about = {"name": name, "namespace": HOME, **made["metadata"]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": made["spec"]}


def service(name: str, port: int, protocol: str, **more: Any) -> dict[str, Any]:
    ports = [{"name": protocol, "port": port}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": HOME},
        "spec": {"selector": {"app": name}, "ports": ports, **more},
    }


@dataclass(frozen=True)
class Fair:
    """A namespace with services and two who call them."""

    platform: Platform

    def declare(self, services: list[Service]) -> None:
        """Apply what the components make of the catalogue, then drop what they no longer make."""
        mesh = Mesh()

        def program() -> None:
            MutualTls("mtls", mesh, services)
            AccessControl("access", mesh, services)
            for each in services:
                ServiceRoute(each.name, each, pulumi.ResourceOptions())

        objects = [manifest(each) for each in recording.deploy(program).objects]
        objects = [each for each in objects if each["metadata"]["namespace"] == HOME]
        for each in objects:  # else the stack's rules would ask for an entry of the catalogue
            del each["metadata"]["labels"]
        self.platform.apply(*objects)
        routes = {each["metadata"]["name"] for each in objects if each["kind"] == ROUTE.kind}
        for each in self.platform.objects(ROUTE.kind, HOME):
            if (name := each["metadata"]["name"]) not in routes:
                self.platform.kubectl("delete", ROUTE.kind, name, f"--namespace={HOME}")

    def run(self, who: str, program: str, *arguments: str) -> str:
        where = (f"--namespace={HOME}", who, f"--container={who}")
        return self.platform.kubectl("exec", *where, "--", "python3", "-c", program, *arguments)

    def ask(self, url: str, *, who: str = VISITOR, seconds: float = 0) -> list[tuple[int, str]]:
        """Statuses and bodies of the answers."""
        lines = self.run(who, ASK, url, str(seconds)).splitlines()
        return [(status, body) for status, body in map(json.loads, lines)]


@pytest.fixture(scope="module")
def fair(platform: Platform) -> Iterator[Fair]:
    made = Fair(platform)
    books = template("books", SERVE)
    try:
        platform.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": HOME, "labels": {"istio-injection": "enabled"}},
            }
        )
        platform.apply(
            *map(account, ("stall", "slow", "line", "books", VISITOR, STRANGER)),
            service("stall", 8080, "http"),
            service("slow", 8080, "http"),
            service("line", 9000, "tcp"),
            service("books", 8080, "http", clusterIP="None"),
        )
        made.declare(declared())
        platform.apply(
            pod("stall-stable", "stall", SERVE, "stable"),
            pod("stall-canary", "stall", SERVE, "canary"),
            pod("slow", "slow", SERVE),
            pod("line", "line", SERVE),
            pod(VISITOR, VISITOR, WAIT),
            pod(STRANGER, STRANGER, WAIT),
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "books", "namespace": HOME},
                "spec": {
                    "serviceName": "books",
                    "replicas": 2,
                    "podManagementPolicy": "Parallel",
                    "selector": {"matchLabels": {"app": "books"}},
                    "template": books,
                },
            },
        )
        where = (f"--namespace={HOME}", "--timeout=240s")
        platform.kubectl("rollout", "status", "statefulset/books", *where)
        platform.kubectl("wait", "pods", "--all", "--for=condition=Ready", *where)
        yield made
    finally:
        platform.kubectl("delete", "namespace", HOME, "--ignore-not-found")


def test_who_is_declared_from_outside_the_catalogue_gets_in_and_nobody_else(fair):
    ((status, _),) = fair.ask("http://stall:8080/")
    assert status == 200
    assert fair.ask("http://stall:8080/", who=STRANGER) == [(403, "RBAC: access denied")]


def test_pods_get_requests_whatever_their_version_label_says(fair):
    """As long as the catalogue says nothing of a canary."""
    seen = Counter(body for _, body in fair.ask("http://stall:8080/", seconds=2))
    assert set(seen) == {"stall-stable", "stall-canary"}


def test_the_timeout_ends_a_request_and_none_ends_none(fair):
    ((status, _),) = fair.ask("http://stall:8080/?seconds=5")
    assert status == 504
    ((status, _),) = fair.ask("http://slow:8080/?seconds=16")
    assert status == 200


def test_what_is_no_http_gets_through_to_whom_it_is_for(fair):
    assert fair.run(VISITOR, TALK, "line").strip() == "hello"
    assert fair.run(STRANGER, TALK, "line").strip() == ""


@pytest.mark.parametrize("name", ["books-0", "books-1"])
def test_a_pod_of_a_stateful_set_is_called_by_its_own_name(fair, name):
    ((status, body),) = fair.ask(f"http://{name}.books:8080/")
    assert (status, body) == (200, name)


def test_no_request_is_lost_while_a_split_begins_and_ends(fair):
    """The subsets stay one round longer than the routes that name them."""
    answers: list[tuple[int, str]] = []
    visitor = threading.Thread(
        target=lambda: answers.extend(fair.ask("http://stall:8080/", seconds=30))
    )
    visitor.start()
    try:
        for canary in (SPLIT, {"retired": True}, None, SPLIT, {"retired": True}, None):
            fair.declare(declared(canary))
            visitor.join(4)
    finally:
        visitor.join()
        fair.declare(declared())
    assert len(answers) > 300
    assert Counter(status for status, _ in answers) == {200: len(answers)}
