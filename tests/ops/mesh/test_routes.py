"""Where requests go, and what is wrong with it."""

import pytest

from ops.mesh.routes import full_host, routes_of, subsets
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


def problems(service, *rules):
    return [problem for route in routes_of(service, rules) for problem in route.problems]


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


@pytest.mark.parametrize(
    "host, full", [("api", HOST), (HOST, HOST), ("example.com", "example.com"), ("*", "*")]
)
def test_hosts_are_known_by_their_full_name(host, full):
    assert full_host(host, "shop") == full


def test_subsets_come_with_the_labels_of_their_pods():
    assert subsets(HOST, [rule("canary")]) == {"canary": {"version": "canary"}}
