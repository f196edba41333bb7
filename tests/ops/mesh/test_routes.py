"""Where requests go, and what is wrong with it."""

import pytest

from ops.mesh.routes import full_host, ready_pods, routes_of, subsets, ways_in
from tests.ops.conftest import made

HOST = "api.shop.svc.cluster.local"


def virtual_service(*routes, hosts=(HOST,)):
    http = [
        {
            "route": [
                {"destination": {"host": host, "subset": subset}, **({"weight": w} if w else {})}
                for host, subset, w in route
            ]
        }
        for route in routes
    ]
    return made("VirtualService", "api", spec={"hosts": list(hosts), "http": http})


def rule(*names, host=HOST, namespace="shop", export_to=None):
    found = [{"name": name, "labels": {"version": name}} for name in names]
    spec = {"host": host, "subsets": found, **({"exportTo": export_to} if export_to else {})}
    return made("DestinationRule", "api", namespace, spec=spec)


def problems(service, *rules, running=None):
    return [problem for route in routes_of(service, rules, running) for problem in route.problems]


def pod(name, *, namespace="shop", state="True", deleted=False, **labels):
    metadata = {"labels": labels, **({"deletionTimestamp": "now"} if deleted else {})}
    status = {"conditions": [{"type": "Ready", "status": state}]}
    return made("Pod", name, namespace, metadata=metadata, status=status)


class TestRoutes:
    def test_a_split_is_shown_with_its_weights(self):
        service = virtual_service([(HOST, "stable", 90), (HOST, "canary", 10)])
        (route,) = routes_of(service, [rule("stable", "canary")])
        assert [(d.subset, d.weight) for d in route.destinations] == [
            ("stable", 90),
            ("canary", 10),
        ]
        assert route.problems == ()

    def test_the_only_destination_gets_everything(self):
        (route,) = routes_of(virtual_service([(HOST, "stable", None)]), [rule("stable")])
        assert route.destinations[0].weight == 100

    @pytest.mark.parametrize("weights, total", [((90, 20), 110), ((50, 0), 50)])
    def test_weights_that_do_not_add_up_are_wrong(self, weights, total):
        shares = [(HOST, name, w) for name, w in zip(("stable", "canary"), weights, strict=True)]
        assert problems(virtual_service(shares), rule("stable", "canary")) == [
            f"weights add up to {total}, not 100"
        ]

    def test_a_subset_that_nobody_defines_is_wrong(self):
        service = virtual_service([(HOST, "stable", 90), (HOST, "canary", 10)])
        (problem,) = problems(service, rule("stable"))
        assert problem == f"no DestinationRule of {HOST} has the subset canary: 503"

    def test_a_subset_of_another_host_does_not_count(self):
        service = virtual_service([(HOST, "stable", None)])
        assert problems(service, rule("stable", host="web.shop.svc.cluster.local"))

    @pytest.mark.parametrize(
        "namespace, export_to",
        [("shop", None), ("shop", ["."]), ("istio-system", None), ("istio-system", ["shop"])],
    )
    def test_a_subset_that_callers_see_is_right(self, namespace, export_to):
        service = virtual_service([(HOST, "stable", None)])
        assert problems(service, rule("stable", namespace=namespace, export_to=export_to)) == []

    @pytest.mark.parametrize(
        "namespace, export_to",
        [("third", ["."]), ("third", ["*"]), ("third", None), ("istio-system", ["."])],
    )
    def test_a_subset_that_no_caller_sees_is_wrong(self, namespace, export_to):
        service = virtual_service([(HOST, "stable", None)])
        (problem,) = problems(service, rule("stable", namespace=namespace, export_to=export_to))
        assert "is defined only where callers in shop do not see it" in problem

    def test_a_service_may_keep_its_subsets_from_other_namespaces(self):
        service = virtual_service([("api.other.svc.cluster.local", "stable", None)])
        host = {"host": "api.other.svc.cluster.local", "namespace": "other"}
        assert problems(service, rule("stable", **host, export_to=["."]))
        assert problems(service, rule("stable", **host, export_to=[".", "shop"])) == []

    def test_short_names_count_in_their_namespace(self):
        service = virtual_service([("api", "stable", None)])
        assert problems(service, rule("stable", host="api")) == []
        assert problems(service, rule("stable", host="api", namespace="elsewhere"))


class TestReadyPods:
    """A subset that gets requests has pods to answer them."""

    def running(self, *pods, selector=None):
        service = made("Service", "api", spec={"selector": selector or {"app": "api"}})
        return ready_pods([service], pods)

    def test_a_share_that_no_ready_pod_answers_is_wrong(self):
        service = virtual_service([(HOST, "stable", 90), (HOST, "canary", 10)])
        running = self.running(pod("a", app="api", version="stable"))
        (problem,) = problems(service, rule("stable", "canary"), running=running)
        assert problem == (
            f"no ready pod of {HOST} has version=canary, the subset canary: "
            "10 % of requests get 503"
        )

    def test_workloads_without_the_label_do_not_answer_for_stable(self):
        service = virtual_service([(HOST, "stable", None)])
        (problem,) = problems(service, rule("stable"), running=self.running(pod("a", app="api")))
        assert "100 % of requests get 503" in problem

    def test_a_canary_without_weight_needs_no_pods(self):
        service = virtual_service([(HOST, "stable", 100), (HOST, "canary", 0)])
        running = self.running(pod("a", app="api", version="stable"))
        assert problems(service, rule("stable", "canary"), running=running) == []

    def test_a_route_to_all_pods_names_no_label(self):
        service = virtual_service([(HOST, "", None)])
        assert problems(service, rule(), running=self.running(pod("a", app="api"))) == []

    @pytest.mark.parametrize("change", [{"state": "False"}, {"deleted": True}])
    def test_a_pod_that_is_not_ready_or_on_its_way_out_does_not_count(self, change):
        running = self.running(
            pod("a", app="api", version="stable"), pod("b", app="api", version="canary", **change)
        )
        service = virtual_service([(HOST, "stable", 50), (HOST, "canary", 50)])
        assert len(problems(service, rule("stable", "canary"), running=running)) == 1

    def test_pods_of_others_do_not_count(self):
        others = (
            pod("a", namespace="elsewhere", app="api"),
            pod("b", app="web"),
        )
        assert self.running(*others) == {}

    def test_a_service_of_which_nothing_runs_is_not_its_routes_trouble(self):
        service = virtual_service([(HOST, "stable", 90), (HOST, "canary", 10)])
        assert problems(service, rule("stable", "canary"), running=self.running()) == []


@pytest.mark.parametrize(
    "host, full", [("api", HOST), (HOST, HOST), ("example.com", "example.com"), ("*", "*")]
)
def test_hosts_are_known_by_their_full_name(host, full):
    assert full_host(host, "shop") == full


def test_subsets_come_with_the_labels_of_their_pods():
    assert subsets(HOST, [rule("canary")]) == {"canary": {"version": "canary"}}


class TestWaysIn:
    """HTTPRoutes, as their gateways have judged them."""

    def route(self, *conditions, parents=1):
        judged = [{"parentRef": {"name": "istio-ingress"}, "conditions": [*conditions]}] * parents
        spec = {
            "hostnames": ["shop.example.com"],
            "rules": [{"backendRefs": [{"name": "api", "port": 80}]}],
        }
        (found,) = ways_in(made("HTTPRoute", "api", spec=spec, status={"parents": judged}))
        return found

    def test_say_which_hosts_lead_where(self):
        found = self.route({"type": "Accepted", "status": "True"})
        assert found.hosts == ("shop.example.com",)
        assert [(each.host, each.weight) for each in found.destinations] == [(HOST, 100)]
        assert found.problems == ()

    def test_that_a_gateway_refuses_are_wrong(self):
        refused = {"type": "Accepted", "status": "False", "reason": "NotAllowedByListeners"}
        (problem,) = self.route(refused).problems
        assert "istio-ingress does not take it: NotAllowedByListeners" in problem

    def test_that_no_gateway_has_seen_are_wrong(self):
        (problem,) = self.route(parents=0).problems
        assert problem.startswith("no gateway has taken it up")
