"""What an API server's refusals become, and what is asked again."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from kubernetes.client import ApiClient, Configuration

from ops.cluster.api import ATTEMPTS, Cluster
from ops.cluster.discovery import Catalogue
from ops.cluster.objects import Ref
from ops.errors import (
    BusyError,
    ClusterError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    NotInstalledError,
    RefusedError,
    UnreachableError,
)
from vocabulary.kinds import CONFIG_MAP, SECRET, VIRTUAL_SERVICE

RBAC = {"reason": "Forbidden", "message": 'pods is forbidden: User "x" cannot list',
        "details": {"kind": "pods"}}  # fmt: skip
WEBHOOK = {
    "reason": "Forbidden",
    "message": 'admission webhook "x" denied: pods is forbidden: User',
}


class Server:
    """Answers as it is told, the last answer for good."""

    def __init__(self):
        self.answers, self.asked, self.sent = [(200, {})], [], []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                double.asked.append(self.command)
                double.sent.append((self.path, json.loads(body or "null")))
                status, body = (
                    double.answers.pop(0) if len(double.answers) > 1 else double.answers[0]
                )
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PATCH = do_POST = do_DELETE = answer  # noqa: N815 - the library's names

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server():
    double = Server()
    yield double
    double.http.shutdown()
    double.http.server_close()


@pytest.fixture
def cluster(server):
    settings = Configuration(host=f"http://127.0.0.1:{server.http.server_address[1]}")
    settings.retries = False
    made = Cluster(ApiClient(settings), "test")
    yield made
    made.close()


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (401, {}, ForbiddenError),
        (403, RBAC, ForbiddenError),
        (403, WEBHOOK, RefusedError),
        (404, {}, NotFoundError),
        (409, {}, ConflictError),
        (410, {}, ClusterError),
        (422, {"message": "denied"}, RefusedError),
        (429, {}, BusyError),
        (500, {}, ClusterError),
        (503, {}, BusyError),
    ],
)
def test_a_refusal_is_known_by_its_status_and_not_by_its_words(cluster, server, status, body, kind):
    server.answers = [(status, body)]
    with pytest.raises(ClusterError) as refused:
        cluster.request("PATCH", "/x", {"a": 1})
    assert type(refused.value) is kind
    assert server.asked == ["PATCH"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_question_is_asked_again_while_the_server_is_busy(cluster, server, status):
    server.answers = [(status, {}), (status, {}), (200, {"kind": "x"})]
    assert cluster.request("GET", "/x") == {"kind": "x"}


def test_a_question_is_not_asked_for_ever(cluster, server):
    server.answers = [(503, {"message": "etcd is away"})]
    with pytest.raises(BusyError, match="etcd is away"):
        cluster.request("GET", "/x")
    assert len(server.asked) == ATTEMPTS


def test_what_is_not_there_is_told_at_once(cluster, server):
    server.http.server_close()
    server.http.shutdown()
    with pytest.raises(UnreachableError):
        cluster.request("GET", "/x")


class TestObjects:
    """Whoever asks names a kind; where its objects are, the catalogue knows."""

    KEPT = {
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "it", "namespace": "shop", "resourceVersion": "7", "uid": "u"},
    }  # fmt: skip
    AT = "/api/v1/namespaces/shop/configmaps"

    @pytest.fixture
    def cluster(self, cluster):
        cluster.catalogue = Catalogue({"kind": "APIGroupDiscoveryList", "items": []})
        return cluster

    def test_are_read_by_kind_namespace_and_name(self, cluster, server):
        found = cluster.get(*Ref.of(self.KEPT))
        assert (found["apiVersion"], found["kind"]) == ("v1", "ConfigMap")
        assert server.sent == [(f"{self.AT}/it", None)]

    def test_that_are_not_there_are_none(self, cluster, server):
        server.answers = [(404, {})]
        assert cluster.one(CONFIG_MAP, "shop", "it") is None
        with pytest.raises(NotFoundError, match="there is no ConfigMap/it in shop"):
            cluster.get(CONFIG_MAP, "shop", "it")

    def test_of_a_list_say_what_they_are_page_by_page(self, cluster, server):
        server.answers = [
            (200, {"metadata": {"continue": "next"}, "items": [{"metadata": {"name": "a"}}]}),
            (200, {"metadata": {}, "items": [{"metadata": {"name": "b"}}]}),
        ]
        found = cluster.list_all(CONFIG_MAP, namespace="shop", labels={"a": "b"})
        assert [Ref.of(each).name for each in found] == ["a", "b"]
        assert {each["kind"] for each in found} == {"ConfigMap"}
        (first, _), (second, _) = server.sent
        assert first == f"{self.AT}?limit=500&labelSelector=a%3Db"
        assert second == f"{first}&continue=next"

    def test_of_several_kinds_are_all_needed_or_none(self, cluster, server):
        server.answers = [(200, {"metadata": {}, "items": []})]
        assert cluster.list_each(CONFIG_MAP, SECRET) == [[], []]
        with pytest.raises(NotInstalledError, match="Istio is not installed"):
            cluster.list_each(CONFIG_MAP, VIRTUAL_SERVICE)
        server.answers = [(403, RBAC)]
        with pytest.raises(ForbiddenError):
            cluster.list_each(CONFIG_MAP)

    @pytest.mark.parametrize("dry_run, query", [(False, ""), (True, "?dryRun=All")])
    def test_are_made_where_their_kind_is(self, cluster, server, dry_run, query):
        cluster.create(self.KEPT, dry_run=dry_run)
        assert server.sent == [(f"{self.AT}{query}", self.KEPT)]

    def test_are_changed_only_as_they_were_read(self, cluster, server):
        cluster.patch(self.KEPT, {"data": {"a": "b"}})
        path, body = server.sent[0]
        assert path == f"{self.AT}/it?fieldManager=brisa-ops"
        assert body == {"data": {"a": "b"}, "metadata": {"resourceVersion": "7"}}

    def test_are_deleted_and_not_others_by_their_name(self, cluster, server):
        cluster.delete(self.KEPT, dry_run=True)
        path, body = server.sent[0]
        assert (server.asked, path) == (["DELETE"], f"{self.AT}/it")
        assert (body["preconditions"], body["dryRun"]) == ({"uid": "u"}, ["All"])

    def test_a_dry_run_tells_what_an_object_would_be(self, cluster, server):
        cluster.dry_apply(self.KEPT, manager="flux")
        path, body = server.sent[0]
        assert path == f"{self.AT}/it?fieldManager=flux&force=true&dryRun=All"
        assert body == self.KEPT

    def test_the_log_of_a_pod_is_text(self, cluster, server):
        assert cluster.log("shop", "web-1", seconds=60) == "{}"
        assert server.sent[0][0] == "/api/v1/namespaces/shop/pods/web-1/log?sinceSeconds=60"
