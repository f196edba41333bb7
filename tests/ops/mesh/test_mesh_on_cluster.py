"""Mesh commands on a real API server with Istio's definitions."""

import json

import pytest

from ops.errors import ConflictError
from ops.mesh.canary import MANAGER, set_weight
from tests.installed import listed
from vocabulary.kinds import POD, VIRTUAL_SERVICE

pytestmark = pytest.mark.cluster

CONTAINERS = [{"name": "api", "image": "api"}]


def service_objects(namespace, *, canary=True):
    host = f"api.{namespace}.svc.cluster.local"
    shares = {"stable": 90, "canary": 10} if canary else {"stable": 100}
    route = [{"destination": {"host": host, "subset": s}, "weight": w} for s, w in shares.items()]
    return [
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "DestinationRule",
            "metadata": {"name": "api"},
            "spec": {
                "host": host,
                "subsets": [{"name": name, "labels": {"version": name}} for name in shares],
            },
        },
        {
            "apiVersion": "networking.istio.io/v1",
            "kind": "VirtualService",
            "metadata": {
                "name": "api" if canary else "api.stable",
                "labels": {"platform.brisa/target": "api"},
            },
            "spec": {"hosts": [host], "http": [{"route": route, "timeout": "10s"}]},
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "api"},
            "spec": {"selector": {"app": "api"}, "ports": [{"port": 80}]},
        },
    ]


@pytest.fixture
def create(platform, space):
    """Create objects in the test's namespace."""

    def call(*documents):
        platform.kubectl("create", "-n", space, "-f", "-", stdin=listed(documents))

    return call


@pytest.fixture
def service(create, space):
    create(*service_objects(space))
    return space


@pytest.fixture
def canary_pod(create, cluster, service):
    """A pod of the canary that says it is ready, as a kubelet would."""
    labels = {"app": "api", "version": "canary"}
    create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "api-canary", "labels": labels},
            "spec": {"containers": CONTAINERS},
        }
    )
    body = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    cluster.request(
        "PATCH",
        f"{cluster.catalogue.find(POD).path(service, 'api-canary')}/status",
        body,
        content_type="application/strategic-merge-patch+json",
    )


def weights(cluster, namespace, name="api"):
    item = cluster.get(VIRTUAL_SERVICE, namespace, name)
    (http,) = item["spec"]["http"]
    return {entry["destination"]["subset"]: entry["weight"] for entry in http["route"]}


class TestCanary:
    def test_gets_its_share_and_the_stable_version_the_rest(
        self, ops, cluster, service, canary_pod
    ):
        done = ops("mesh", "canary", "set", "api", "25", "-n", service, "-o", "json")
        assert done.code == 0, done.err
        assert (done.document["before"], done.document["weight"]) == (10, 25)
        assert weights(cluster, service) == {"stable": 75, "canary": 25}

    def test_leaves_the_rest_of_the_route_alone(self, ops, cluster, service, canary_pod):
        ops("mesh", "canary", "set", "api", "100", "-n", service)
        item = cluster.get(VIRTUAL_SERVICE, service, "api")
        assert item["spec"]["http"][0]["timeout"] == "10s"

    def test_is_written_under_a_name_that_pulumi_takes_over(
        self, ops, cluster, service, canary_pod
    ):
        ops("mesh", "canary", "set", "api", "25", "-n", service)
        item = cluster.get(VIRTUAL_SERVICE, service, "api")
        assert MANAGER in {entry["manager"] for entry in item["metadata"]["managedFields"]}
        assert MANAGER.startswith("kubectl")

    def test_a_dry_run_changes_nothing(self, ops, cluster, service, canary_pod):
        done = ops("mesh", "canary", "set", "api", "25", "-n", service, "--dry-run")
        assert "would change VirtualService/api" in done.out
        assert "weight: 10 -> 25" in done.out
        assert weights(cluster, service) == {"stable": 90, "canary": 10}

    def test_without_a_ready_pod_it_gets_nothing_unless_one_insists(self, ops, cluster, service):
        refused = ops("mesh", "canary", "set", "api", "25", "-n", service)
        assert refused.code == 2
        assert "no pod of api with version=canary is ready" in refused.err
        assert weights(cluster, service)["canary"] == 10
        assert ops("mesh", "canary", "set", "api", "25", "-n", service, "--force").code == 0
        assert weights(cluster, service)["canary"] == 25

    def test_can_always_be_taken_back(self, ops, cluster, service):
        assert ops("mesh", "canary", "set", "api", "0", "-n", service).code == 0
        assert weights(cluster, service) == {"stable": 100, "canary": 0}

    def test_that_has_its_share_already_is_left_alone(self, ops, service, canary_pod):
        done = ops("mesh", "canary", "set", "api", "10", "-n", service)
        assert (done.code, done.out) == (0, f"unchanged VirtualService/api in {service}\n")

    @pytest.mark.parametrize("weight", ["101", "-1", "ten"])
    def test_no_share_at_all_is_refused(self, ops, service, weight):
        assert ops("mesh", "canary", "set", "api", "-n", service, "--", weight).code == 2

    def test_of_a_service_without_one_is_refused_with_what_to_do(self, ops, create, space):
        create(*service_objects(space, canary=False))
        done = ops("mesh", "canary", "set", "api", "25", "-n", space)
        assert done.code == 2
        assert "VirtualService/api.stable" in done.err
        assert "declare route.canary" in done.err

    def test_of_an_unknown_service_is_refused(self, ops, service):
        done = ops("mesh", "canary", "set", "nobody", "25", "-n", service)
        assert done.code == 2
        assert "no VirtualService routes to nobody" in done.err

    def test_to_a_version_that_no_rule_knows_is_refused(self, ops, create, space):
        rule, *others = service_objects(space)
        rule["spec"]["subsets"] = rule["spec"]["subsets"][:1]
        create(rule, *others)
        done = ops("mesh", "canary", "set", "api", "25", "-n", space)
        assert done.code == 2
        assert "has the subset canary" in done.err

    def test_what_changed_meanwhile_is_decided_anew(
        self, cluster, platform, service, canary_pod, monkeypatch
    ):
        """Somebody adds a label between our reading and our writing, once."""
        patch, interfered = cluster.patch, []

        def contested(item, *rest, **options):
            if not interfered:
                interfered.append(True)
                platform.kubectl("label", "virtualservice", "api", "-n", service, "seen=yes")
            return patch(item, *rest, **options)

        monkeypatch.setattr(cluster, "patch", contested)
        set_weight(cluster, "api", 40, namespace=service)
        assert interfered
        assert weights(cluster, service) == {"stable": 60, "canary": 40}

    def test_a_stale_change_is_refused_by_the_api_server(self, cluster, platform, service):
        stale = cluster.get(VIRTUAL_SERVICE, service, "api")
        platform.kubectl("label", "virtualservice", "api", "-n", service, "seen=yes")
        patch = [{"op": "add", "path": "/spec/http/0/route/0/weight", "value": 1}]
        with pytest.raises(ConflictError):
            cluster.patch(stale, patch)


class TestMutualTls:
    def policy(self, mode, name="default-mtls", selector=None):
        spec = {"mtls": {"mode": mode}}
        if selector:
            spec["selector"] = {"matchLabels": selector}
        return {
            "apiVersion": "security.istio.io/v1",
            "kind": "PeerAuthentication",
            "metadata": {"name": name},
            "spec": spec,
        }

    def deployment(self, name):
        labels = {"app": name}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": CONTAINERS}},
            },
        }

    def test_shows_the_mode_of_each_workload(self, ops, create, platform, space):
        platform.kubectl("label", "namespace", space, "istio-injection=enabled")
        create(
            self.policy("STRICT"),
            self.policy("PERMISSIVE", "legacy", {"app": "old"}),
            self.deployment("api"),
            self.deployment("old"),
        )
        done = ops("mesh", "mtls", "-o", "json")
        assert done.code == 3
        (found,) = [each for each in done.document["namespaces"] if each["name"] == space]
        assert found["mode"] == "STRICT"
        modes = {each["name"]: each["mode"] for each in found["workloads"]}
        assert modes == {"api": "STRICT", "old": "PERMISSIVE"}
        assert found["measured"] is None
        assert done.document["measurement"] == "not measured: no Prometheus was given"


class TestRoutes:
    def test_are_listed_with_what_is_wrong(self, ops, create, space):
        rule, route, service = service_objects(space)
        rule["spec"]["subsets"] = rule["spec"]["subsets"][:1]
        create(rule, route, service)
        done = ops("mesh", "routes", "-n", space, "-o", "json")
        assert done.code == 3
        (found,) = done.document["routes"]
        assert found["problems"] == [
            f"no DestinationRule of api.{space}.svc.cluster.local has the subset canary: 503"
        ]

    def test_a_share_that_no_ready_pod_answers_is_named(self, ops, service, canary_pod):
        """Only the canary runs, but the stable version has nine tenths of the requests."""
        done = ops("mesh", "routes", "-n", service)
        assert done.code == 3
        assert "the subset stable: 90 % of requests get 503" in done.out
        assert "subset canary:" not in done.out

    def test_that_are_right_are_well(self, ops, service):
        done = ops("mesh", "routes", "-n", service)
        assert done.code == 0
        assert "stable=90 canary=10" in done.out


class TestCertificates:
    def test_the_root_is_read_from_the_cluster(self, ops, platform, space):
        pem = (platform.plane.folder.pki / "kubernetes-ca.crt").read_text()
        document = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "istio-ca-root-cert"},
            "data": {"root-cert.pem": pem},
        }
        platform.kubectl("create", "-n", space, "-f", "-", stdin=json.dumps(document))
        found = ops("mesh", "certificates", "-o", "json")
        roots = [r for r in found.document["roots"] if space in r["namespaces"]]
        assert len(roots) == 1
        assert found.code == (0 if found.document["well"] else 3)
        assert "no Prometheus was given" in ops("mesh", "certificates").out
