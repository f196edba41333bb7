import pytest

from components.access import AccessControl
from vocabulary.kinds import AUTHORIZATION_POLICY


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
        assert control(service(callers=["ingress"]), defaultDeny=False).objects == []


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
