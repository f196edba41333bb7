import pytest

from components.access import AccessControl
from components.ingress import Ingress
from components.service_route import ServiceRoute
from vocabulary.kinds import (
    AUTHORIZATION_POLICY,
    CERTIFICATE,
    GATEWAY,
    HTTP_ROUTE,
    INGRESS,
    NAMESPACE,
    VIRTUAL_SERVICE,
)

HOST = "api-service.brisa.svc.cluster.local"
SHOP = {"hosts": ["shop.example.com"]}
SIGNED = {**SHOP, "tls": {"secretName": "shop-tls", "issuer": {"name": "letsencrypt"}}}


@pytest.fixture
def ingress(deploy, mesh):
    """Deploy the way in of some services, through a gateway with some keys set."""

    def run(*services, revision=None, **keys):
        settings = mesh(ingress=keys, revision=revision)
        return deploy(lambda: Ingress("ingress", settings, services))

    return run


class TestGatewayApi:
    def test_there_is_nothing_where_nobody_comes_in(self, ingress, service):
        assert ingress(service(callers=["ingress"])).objects == []

    def test_istiod_runs_the_gateway_under_the_name_and_account_that_others_know(
        self, ingress, service
    ):
        graph = ingress(service(ingress=SHOP))
        gateway = graph.one(GATEWAY)
        assert gateway.where == ("istio-ingress", "istio-ingress")
        assert gateway.metadata["annotations"] == {
            "gateway.istio.io/name-override": "istio-ingress",
            "gateway.istio.io/service-account": "istio-ingress",
        }
        assert gateway.spec["gatewayClassName"] == "istio"
        assert graph.waits(gateway, graph.one(NAMESPACE))

    def test_the_revision_that_injects_runs_the_gateway_too(self, ingress, service):
        gateway = ingress(service(ingress=SHOP), revision="canary").one(GATEWAY)
        assert gateway.metadata["labels"]["istio.io/rev"] == "canary"

    def test_only_the_services_namespaces_may_attach(self, ingress, service):
        other = service(name="web", namespace="shop", ingress={"hosts": ["www.example.com"]})
        graph = ingress(service(ingress=SHOP), other, service(name="x", namespace="y"))
        (listener,) = graph.one(GATEWAY).spec["listeners"]
        selector = listener["allowedRoutes"]["namespaces"]
        assert selector["from"] == "Selector"
        assert selector["selector"]["matchExpressions"] == [
            {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["brisa", "shop"]}
        ]

    def test_requests_of_its_hosts_go_to_the_service_within_its_timeout(self, ingress, service):
        graph = ingress(service(ingress=SHOP, route={"timeout": "1500ms"}))
        route = graph.one(HTTP_ROUTE)
        assert route.where == ("brisa", "api-service")
        assert route.spec == {
            "parentRefs": [
                {
                    "kind": "Gateway",
                    "name": "istio-ingress",
                    "namespace": "istio-ingress",
                    "sectionName": "http",
                }
            ],
            "hostnames": ["shop.example.com"],
            "rules": [
                {
                    "backendRefs": [{"name": "api-service", "port": 8080}],
                    "timeouts": {"request": "1s500ms"},
                }
            ],
        }
        assert graph.waits(route, graph.one(GATEWAY))

    def test_streams_have_no_limit(self, ingress, service):
        (rule,) = (
            ingress(service(ingress=SHOP, route={"timeout": None})).one(HTTP_ROUTE).spec["rules"]
        )
        assert "timeouts" not in rule

    def test_a_certificate_is_for_its_hosts_and_closes_the_plain_port_to_them(
        self, ingress, service
    ):
        graph = ingress(service(ingress=SIGNED))
        certificate = graph.one(CERTIFICATE)
        assert certificate.where == ("istio-ingress", "shop-tls")
        assert certificate.spec == {
            "secretName": "shop-tls",
            "dnsNames": ["shop.example.com"],
            "issuerRef": {
                "group": "cert-manager.io",
                "kind": "ClusterIssuer",
                "name": "letsencrypt",
            },
        }
        _, listener = graph.one(GATEWAY).spec["listeners"]
        assert (listener["name"], listener["port"]) == ("api-service-0", 443)
        assert listener["hostname"] == "shop.example.com"
        assert listener["tls"] == {
            "mode": "Terminate",
            "certificateRefs": [{"kind": "Secret", "name": "shop-tls"}],
        }
        (parent,) = graph.one(HTTP_ROUTE).spec["parentRefs"]
        assert parent["sectionName"] == "api-service-0"

    def test_who_comes_by_plain_http_is_told_where_https_is(self, ingress, service):
        graph = ingress(service(ingress={**SIGNED, "httpsRedirect": True}))
        route = graph.one(HTTP_ROUTE, "api-service-redirect")
        assert [each["sectionName"] for each in route.spec["parentRefs"]] == ["http"]
        assert route.spec["hostnames"] == ["shop.example.com"]
        (rule,) = route.spec["rules"]
        assert rule == {
            "filters": [
                {
                    "type": "RequestRedirect",
                    "requestRedirect": {"scheme": "https", "statusCode": 301},
                }
            ]
        }

    def test_a_given_secret_needs_no_certificate(self, ingress, service):
        given = {**SHOP, "tls": {"secretName": "shop-tls"}}
        assert ingress(service(ingress=given)).all(CERTIFICATE) == []

    def test_one_that_is_there_is_used_as_it_is(self, ingress, service):
        graph = ingress(service(ingress=SHOP), install=False, name="public", namespace="edge")
        assert graph.all(GATEWAY) == graph.all(NAMESPACE) == []
        assert graph.one(HTTP_ROUTE).spec["parentRefs"] == [
            {"kind": "Gateway", "name": "public", "namespace": "edge"}
        ]


class TestIstioGateway:
    def test_one_route_holds_in_the_mesh_and_at_the_gateway(self, deploy, service, mesh):
        declared = service(
            ingress=SHOP, route={"timeout": "3s", "canary": {"weight": 10}, "retries": {}}
        )
        gateway = mesh(ingress={"kind": "istioGateway", "name": "public"}).ingress
        graph = deploy(lambda: ServiceRoute("api-service", declared, None, gateway))
        spec = graph.one(VIRTUAL_SERVICE).spec
        assert spec["hosts"] == [HOST, "shop.example.com"]
        assert spec["gateways"] == ["mesh", "istio-ingress/public"]
        outside, inside = spec["http"]
        assert outside.pop("match") == [{"gateways": ["istio-ingress/public"]}]
        for http in (outside, inside):
            assert [each["weight"] for each in http["route"]] == [90, 10]
            assert (http["timeout"], http["retries"]["attempts"]) == ("3s", 3)

    def test_who_comes_by_plain_http_is_told_where_https_is(self, deploy, service, mesh):
        """Before anything else, and only from outside."""
        gateway = mesh(ingress={"kind": "istioGateway"}).ingress
        declared = service(ingress={**SHOP, "httpsRedirect": True})
        graph = deploy(lambda: ServiceRoute("api-service", declared, None, gateway))
        first, *_ = graph.one(VIRTUAL_SERVICE).spec["http"]
        assert first == {
            "match": [{"gateways": ["istio-ingress/istio-ingress"], "port": 80}],
            "redirect": {"scheme": "https", "redirectCode": 301},
        }

    def test_the_gateway_has_ports_of_its_own_so_its_route_names_the_services(
        self, deploy, service, mesh
    ):
        gateway = mesh(ingress={"kind": "istioGateway"}).ingress
        declared = service(ingress=SHOP, furtherPorts=[{"port": 9090}])
        graph = deploy(lambda: ServiceRoute("api-service", declared, None, gateway))
        outside, inside = (
            http["route"][0]["destination"] for http in graph.one(VIRTUAL_SERVICE).spec["http"]
        )
        assert outside == {"host": HOST, "port": {"number": 8080}}
        assert inside == {"host": HOST}

    def test_an_operators_weight_is_not_moved_back_at_either(self, deploy, service, mesh):
        gateway = mesh(ingress={"kind": "istioGateway"}).ingress
        declared = service(ingress=SHOP, route={"canary": {}})
        graph = deploy(lambda: ServiceRoute("api-service", declared, None, gateway))
        assert graph.one(VIRTUAL_SERVICE).ignore_changes == tuple(
            f"spec.http[{http}].route[{place}].weight" for http in (0, 1) for place in (0, 1)
        )

    def test_there_is_no_other_object(self, ingress, service):
        assert ingress(service(ingress=SHOP), kind="istioGateway").objects == []

    def test_a_service_that_nobody_reaches_from_outside_is_the_meshs_alone(
        self, deploy, service, mesh
    ):
        gateway = mesh(ingress={"kind": "istioGateway"}).ingress
        graph = deploy(lambda: ServiceRoute("api-service", service(), None, gateway))
        assert "gateways" not in graph.one(VIRTUAL_SERVICE).spec


class TestController:
    def test_its_ingress_leads_to_the_service(self, ingress, service):
        host = "nginx.ingress.kubernetes.io/upstream-vhost"
        graph = ingress(
            service(ingress=SIGNED), kind="controller", name="nginx", annotations={host: "{host}"}
        )
        item = graph.one(INGRESS)
        assert item.where == ("brisa", "api-service")
        assert item.metadata["annotations"][host] == HOST
        assert item.spec == {
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": "shop.example.com",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {
                                    "service": {"name": "api-service", "port": {"number": 8080}}
                                },
                            }
                        ]
                    },
                }
            ],
            "tls": [{"hosts": ["shop.example.com"], "secretName": "shop-tls"}],
        }
        assert graph.one(CERTIFICATE).where == ("brisa", "shop-tls")


def test_the_gateway_is_let_in_and_nobody_else(deploy, mesh, service):
    settings = mesh(ingress={"namespace": "edge", "serviceAccount": "gateway"})
    graph = deploy(lambda: AccessControl("access", settings, [service(ingress=SHOP)]))
    (rule,) = graph.one(AUTHORIZATION_POLICY, "api-service-callers").spec["rules"]
    assert rule["from"] == [{"source": {"principals": ["cluster.local/ns/edge/sa/gateway"]}}]
