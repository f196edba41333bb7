import pytest

from components.access import AccessControl
from vocabulary.kinds import AUTHORIZATION_POLICY, SIDECAR


@pytest.fixture
def control(deploy, mesh):
    """Deploy access control for some services."""

    def run(*services, **keys):
        settings = mesh(**keys)
        return deploy(lambda: AccessControl("access", settings, services))

    return run


class TestDefault:
    def test_each_namespace_denies_whatever_nothing_allows(self, control, service):
        graph = control(service(), service(name="web", namespace="shop"))
        denials = {item.where: item.spec for item in graph.all(AUTHORIZATION_POLICY)}
        assert denials == {("brisa", "default-deny"): {}, ("shop", "default-deny"): {}}

    def test_callers_are_let_in_before_the_rest_is_shut_out(self, control, service):
        graph = control(service(callers=["ingress"]))
        allow = graph.one(AUTHORIZATION_POLICY, "api-service-callers")
        assert graph.waits(graph.one(AUTHORIZATION_POLICY, "default-deny"), allow)

    def test_nothing_is_denied_when_the_stack_says_so(self, control, service):
        graph = control(service(callers=["ingress"]), defaultDeny=False)
        assert graph.all(AUTHORIZATION_POLICY) == []


class TestCallers:
    def test_they_are_known_by_their_identity_and_reach_one_port_of_one_service(
        self, control, service
    ):
        web = service(name="web", namespace="shop", serviceAccount="web-runner")
        graph = control(service(callers=["web"]), web, trustDomain="brisa.example")
        allow = graph.one(AUTHORIZATION_POLICY, "api-service-callers")
        assert allow.where[0] == "brisa"
        assert allow.spec == {
            "selector": {"matchLabels": {"app": "api-service"}},
            "action": "ALLOW",
            "rules": [
                {
                    "from": [{"source": {"principals": ["brisa.example/ns/shop/sa/web-runner"]}}],
                    "to": [{"operation": {"ports": ["8080"]}}],
                }
            ],
        }

    def test_who_has_no_certificate_is_known_by_its_network(self, control, service):
        tills = {"reason": "tills", "until": "2027-01-31", "sources": ["10.9.0.0/16"]}
        given = service(
            furtherPorts=[{"port": 9090, "containerPort": 9102}],
            plainText={**tills, "ports": [9090]},
        )
        (rule,) = control(given).one(AUTHORIZATION_POLICY, "api-service-callers").spec["rules"]
        assert rule == {
            "from": [{"source": {"ipBlocks": ["10.9.0.0/16"], "notPrincipals": ["*"]}}],
            "to": [{"operation": {"ports": ["9102"]}}],
        }

    def test_the_gateway_is_one(self, control, service):
        settings = {"ingress": {"namespace": "edge", "serviceAccount": "gateway"}}
        graph = control(service(callers=["ingress"]), **settings)
        (rule,) = graph.one(AUTHORIZATION_POLICY, "api-service-callers").spec["rules"]
        assert rule["from"][0]["source"]["principals"] == ["cluster.local/ns/edge/sa/gateway"]

    def test_two_that_run_as_the_same_account_are_one(self, control, service):
        runs_alike = [service(name=name, serviceAccount="shared") for name in ("a", "b")]
        graph = control(service(callers=["b", "a"]), *runs_alike)
        (rule,) = graph.one(AUTHORIZATION_POLICY, "api-service-callers").spec["rules"]
        assert rule["from"][0]["source"]["principals"] == ["cluster.local/ns/brisa/sa/shared"]

    def test_the_port_is_the_one_the_pods_listen_on(self, control, service):
        graph = control(service(port=80, containerPort=9000, callers=["ingress"]))
        (rule,) = graph.one(AUTHORIZATION_POLICY, "api-service-callers").spec["rules"]
        assert rule["to"] == [{"operation": {"ports": ["9000"]}}]

    def test_outputs_say_who_may_call_whom(self, control, service):
        graph = control(service(callers=["web"]), service(name="web", callers=["ingress"]))
        component = graph.one("brisa:access:AccessControl")
        assert component.outputs == {"callers": {"api-service": ["web"], "web": ["ingress"]}}


class TestOutsideTheCatalogue:
    def sources(self, graph):
        allow = graph.one(AUTHORIZATION_POLICY, "api-service-callers")
        return [
            ([each["source"] for each in rule["from"]], rule["to"][0]["operation"]["ports"])
            for rule in allow.spec["rules"]
        ]

    def test_a_job_is_known_by_its_account_and_a_neighbour_by_its_namespace(self, control, service):
        others = [{"namespace": "batch", "serviceAccount": "report"}, {"namespace": "legacy"}]
        graph = control(service(callers=["ingress"], externalCallers=others))
        assert self.sources(graph) == [
            (
                [
                    {"principals": ["cluster.local/ns/istio-ingress/sa/istio-ingress"]},
                    {"principals": ["cluster.local/ns/batch/sa/report"]},
                    {"namespaces": ["legacy"]},
                ],
                ["8080"],
            )
        ]

    def test_it_reaches_the_ports_that_it_is_given(self, control, service):
        scraper = {"namespace": "monitoring", "serviceAccount": "prometheus", "ports": [9090]}
        graph = control(
            service(
                callers=["ingress"],
                furtherPorts=[{"port": 9090, "containerPort": 9102}],
                externalCallers=[scraper],
            )
        )
        (_, all_ports), (callers, ports) = self.sources(graph)
        assert all_ports == ["8080", "9102"]
        assert callers == [{"principals": ["cluster.local/ns/monitoring/sa/prometheus"]}]
        assert ports == ["9102"]

    def test_it_may_be_the_only_one(self, control, service):
        graph = control(service(externalCallers=[{"namespace": "legacy"}]))
        assert self.sources(graph) == [([{"namespaces": ["legacy"]}], ["8080"])]
        component = graph.one("brisa:access:AccessControl")
        assert component.outputs == {"callers": {"api-service": ["legacy/*"]}}

    def test_in_a_namespace_of_services_its_proxy_knows_the_service(self, control, service):
        job = {"namespace": "shop", "serviceAccount": "report"}
        graph = control(service(externalCallers=[job]), service(name="web", namespace="shop"))
        (shop,) = [item for item in graph.all(SIDECAR) if item.where[0] == "shop"]
        assert "brisa/api-service.brisa.svc.cluster.local" in shop.spec["egress"][0]["hosts"]


class TestKnownHosts:
    """Proxies know what the catalogue lets their namespace call, and what they report to."""

    REPORTS = (
        "istio-system/*",
        "observability/otel-collector.observability.svc.cluster.local",
    )

    def hosts(self, graph):
        found = {}
        for item in graph.all(SIDECAR):
            (egress,) = item.spec["egress"]
            found[item.where[0]] = set(egress["hosts"]) - set(self.REPORTS)
        return found

    def test_a_caller_knows_what_it_calls_and_nothing_else(self, control, service):
        graph = control(
            service(name="api", callers=["web"]),
            service(name="jobs", namespace="batch"),
            service(name="web", namespace="shop", callers=["ingress"]),
        )
        assert self.hosts(graph) == {
            "brisa": set(),
            "batch": set(),
            "shop": {"brisa/api.brisa.svc.cluster.local"},
        }

    def test_it_holds_for_every_workload_of_the_namespace(self, control, service):
        sidecar = control(service()).one(SIDECAR)
        assert sidecar.where == ("brisa", "default")
        assert set(sidecar.spec) == {"egress"}

    def test_whom_it_reports_to_is_known(self, control, service):
        (egress,) = control(service()).one(SIDECAR).spec["egress"]
        assert egress["hosts"] == sorted(self.REPORTS)

    def test_others_are_known_where_the_stack_says_so(self, control, service):
        graph = control(service(), reachable=["legacy/ledger.legacy.svc.cluster.local"])
        assert self.hosts(graph) == {"brisa": {"legacy/ledger.legacy.svc.cluster.local"}}

    def test_neighbours_are_known_where_nothing_is_denied(self, control, service):
        assert self.hosts(control(service(), defaultDeny=False)) == {"brisa": {"brisa/*"}}

    def test_everything_is_known_where_the_stack_says_so(self, control, service):
        assert control(service(), catalogueOnly=False).all(SIDECAR) == []

    def test_it_grows_with_the_calls_and_not_with_the_square_of_the_services(
        self, control, service
    ):
        """A hundred services in a row, each in a namespace of its own."""
        row = [
            service(
                name=f"s{number}",
                namespace=f"n{number}",
                callers=[f"s{number - 1}"] if number else [],
            )
            for number in range(100)
        ]
        assert sum(map(len, self.hosts(control(*row)).values())) == 99
