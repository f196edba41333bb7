import pytest

from components.service_route import ServiceRoute
from vocabulary.kinds import DESTINATION_RULE, VIRTUAL_SERVICE

HOST = "api-service.brisa.svc.cluster.local"


@pytest.fixture
def route(deploy, service):
    """Deploy the route of a service with some of its keys set."""

    def run(**keys):
        declared = service(route=keys)
        return deploy(lambda: ServiceRoute("api-service", declared))

    return run


class TestOriginalDesign:
    def test_requests_are_bounded_retried_and_split(self, route):
        virtual_service = route(canary={"weight": 10}).one(VIRTUAL_SERVICE)
        assert virtual_service.where == ("brisa", "api-service")
        assert virtual_service.spec == {
            "hosts": [HOST],
            "http": [
                {
                    "route": [
                        {"destination": {"host": HOST, "subset": "stable"}, "weight": 90},
                        {"destination": {"host": HOST, "subset": "canary"}, "weight": 10},
                    ],
                    "timeout": "10s",
                    "retries": {
                        "attempts": 3,
                        "backoff": "0.1s",
                        "retryOn": "connect-failure,refused-stream,reset-before-request",
                    },
                }
            ],
        }

    def test_versions_are_known_and_a_failing_pod_is_taken_out(self, route):
        rule = route(canary={}).one(DESTINATION_RULE)
        assert rule.where == ("brisa", "api-service")
        assert rule.spec == {
            "host": HOST,
            "trafficPolicy": {
                "loadBalancer": {"simple": "LEAST_REQUEST"},
                "connectionPool": {
                    "tcp": {"maxConnections": 100, "connectTimeout": "1s"},
                    "http": {
                        "http1MaxPendingRequests": 100,
                        "http2MaxRequests": 1000,
                        "maxRequestsPerConnection": 0,
                    },
                },
                "outlierDetection": {
                    "consecutive5xxErrors": 5,
                    "interval": "30s",
                    "baseEjectionTime": "30s",
                    "maxEjectionPercent": 50,
                },
            },
            "subsets": [
                {"name": "canary", "labels": {"version": "canary"}},
                {"name": "stable", "labels": {"version": "stable"}},
            ],
        }


class TestOrder:
    def test_a_version_is_known_before_requests_go_there(self, route):
        graph = route(canary={})
        assert graph.waits(graph.one(VIRTUAL_SERVICE), graph.one(DESTINATION_RULE))
        assert not graph.waits(graph.one(DESTINATION_RULE), graph.one(VIRTUAL_SERVICE))


class TestCanary:
    def test_an_operators_weight_is_not_moved_back(self, route):
        assert route(canary={}).one(VIRTUAL_SERVICE).ignore_changes == (
            "spec.http[0].route[0].weight",
            "spec.http[0].route[1].weight",
        )

    def test_the_stacks_weight_is(self, route):
        graph = route(canary={"owner": "stack", "weight": 25})
        virtual_service = graph.one(VIRTUAL_SERVICE)
        (http,) = virtual_service.spec["http"]
        assert [item["weight"] for item in http["route"]] == [75, 25]
        assert virtual_service.ignore_changes == ()

    @pytest.mark.parametrize("weight", [0, 1, 33, 100])
    def test_shares_make_up_the_whole(self, route, weight):
        (http,) = route(canary={"weight": weight}).one(VIRTUAL_SERVICE).spec["http"]
        assert sum(item["weight"] for item in http["route"]) == 100

    def test_without_one_every_pod_gets_requests_whatever_its_labels(self, route):
        graph = route()
        virtual_service, rule = graph.one(VIRTUAL_SERVICE), graph.one(DESTINATION_RULE)
        (http,) = virtual_service.spec["http"]
        assert http["route"] == [{"destination": {"host": HOST}}]
        assert rule.spec["subsets"] == []
        assert "version" not in str((virtual_service.spec, rule.spec))
        assert virtual_service.ignore_changes == ()

    def test_it_starts_with_nothing(self, route):
        (http,) = route(canary={}).one(VIRTUAL_SERVICE).spec["http"]
        shares = {item["destination"]["subset"]: item["weight"] for item in http["route"]}
        assert shares == {"stable": 100, "canary": 0}

    def test_starting_one_makes_another_object_so_that_no_old_weight_is_kept(self, route):
        before = route(canary=None).one(VIRTUAL_SERVICE)
        after = route(canary={"weight": 10}).one(VIRTUAL_SERVICE)
        assert before.where == ("brisa", "api-service.stable")
        assert after.where == ("brisa", "api-service")
        assert before.urn != after.urn

    def test_every_version_that_is_routed_to_is_known(self, route):
        graph = route(canary={"stableVersion": "v7", "canaryVersion": "v8"})
        (http,) = graph.one(VIRTUAL_SERVICE).spec["http"]
        routed = {item["destination"]["subset"] for item in http["route"]}
        known = {
            item["name"]: item["labels"] for item in graph.one(DESTINATION_RULE).spec["subsets"]
        }
        assert routed == set(known)
        assert known == {"stable": {"version": "v7"}, "canary": {"version": "v8"}}

    def test_the_versions_of_a_retired_one_are_known_but_no_route_names_them(self, route):
        graph = route(canary={"canaryVersion": "v8", "retired": True})
        assert graph.one(DESTINATION_RULE).spec["subsets"] == [
            {"name": "canary", "labels": {"version": "v8"}},
            {"name": "stable", "labels": {"version": "stable"}},
        ]
        virtual_service = graph.one(VIRTUAL_SERVICE)
        assert virtual_service.where == ("brisa", "api-service.stable")
        assert virtual_service.spec["http"][0]["route"] == [{"destination": {"host": HOST}}]
        assert virtual_service.ignore_changes == ()


class TestRetries:
    def test_none_turns_off_those_that_istio_does_by_itself(self, route):
        (http,) = route(retries={"attempts": 0}).one(VIRTUAL_SERVICE).spec["http"]
        assert http["retries"] == {"attempts": 0}

    def test_durations_are_written_in_seconds(self, route):
        retries = {"perTryTimeout": "1m", "backoff": "25ms", "retryOn": ["reset"]}
        (http,) = route(timeout="1h", retries=retries).one(VIRTUAL_SERVICE).spec["http"]
        assert http["timeout"] == "3600s"
        assert http["retries"]["perTryTimeout"] == "60s"
        assert http["retries"]["backoff"] == "0.025s"


class TestTimeout:
    def test_none_leaves_streams_alone(self, route):
        (http,) = route(timeout=None).one(VIRTUAL_SERVICE).spec["http"]
        assert "timeout" not in http


class TestLoadBalancing:
    @pytest.mark.parametrize(
        "settings,expected",
        [
            ({"algorithm": "roundRobin"}, {"simple": "ROUND_ROBIN"}),
            ({"algorithm": "leastRequest"}, {"simple": "LEAST_REQUEST"}),
            (
                {"algorithm": "consistentHash", "hashKey": {"header": "x-user"}},
                {"consistentHash": {"httpHeaderName": "x-user"}},
            ),
            (
                {"algorithm": "consistentHash", "hashKey": {"queryParameter": "user"}},
                {"consistentHash": {"httpQueryParameterName": "user"}},
            ),
            (
                {"algorithm": "consistentHash", "hashKey": {"sourceIp": True}},
                {"consistentHash": {"useSourceIp": True}},
            ),
        ],
    )
    def test_requests_are_spread_as_the_catalogue_says(self, route, settings, expected):
        rule = route(loadBalancing=settings).one(DESTINATION_RULE)
        assert rule.spec["trafficPolicy"]["loadBalancer"] == expected


def test_the_breaker_says_of_how_many_pods_it_is(route):
    """The policies cannot see the workload, which Flux brings."""
    annotations = route().one(DESTINATION_RULE).metadata["annotations"]
    assert annotations == {"platform.brisa/replicas": "api-service=2"}


def test_both_say_which_service_they_are_about(route):
    for item in route().objects:
        assert item.metadata["labels"]["platform.brisa/target"] == "api-service"


def test_a_service_without_requests_has_no_route_of_them_but_its_breaker(deploy, service):
    declared = service(protocol="tcp", port=5432)
    graph = deploy(lambda: ServiceRoute("db", declared))
    assert graph.all(VIRTUAL_SERVICE) == []
    assert "outlierDetection" in graph.one(DESTINATION_RULE).spec["trafficPolicy"]
