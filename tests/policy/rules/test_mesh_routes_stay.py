from policy.rules.mesh_routes_stay import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

HOSTS = "1:spec.hosts"
ROUTE = "1:spec.http[1].route[0].destination.host"
MIRROR = "1:spec.http[1].mirror.host"
HTTP = "1:spec.http[0]"


GATEWAY_API = """\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, labels: {istio-injection: enabled}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api, namespace: brisa}
spec:
  parentRefs: [{name: public}]
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: api, port: 80}]}]
"""
COPY = [
    {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "x", "namespace": "theirs"}}}
]


class TestRoutesStay(RuleContract):
    rule = RULE
    good = {
        "a backend of its own namespace": case(objects=GATEWAY_API),
        "a short host": case({ROUTE: "api"}),
        "a host outside is routed anywhere": case(
            {HOSTS: ["api.example.com"], ROUTE: "egress.istio-egress.svc.cluster.local"}
        ),
        "some requests are answered by the proxy": case(
            {f"{HTTP}.redirect": GONE, f"{HTTP}.directResponse": {"status": 404}}
        ),
    }
    bad = {
        "another team's service": case(
            {ROUTE: "sink.theirs.svc.cluster.local"}, ROUTE.removeprefix("1:")
        ),
        "a host outside": case({ROUTE: "evil.example.com"}, ROUTE.removeprefix("1:")),
        "a copy to another team": case(
            {MIRROR: "sink.theirs.svc.cluster.local"}, MIRROR.removeprefix("1:")
        ),
        "connections to another team": case(
            {
                "1:spec.tcp": [
                    {"route": [{"destination": {"host": "sink.theirs.svc.cluster.local"}}]}
                ]
            },
            "spec.tcp[0].route[0].destination.host",
        ),
        "another namespace decides": case(
            {f"{HTTP}.delegate": {"name": "x", "namespace": "theirs"}},
            "spec.http[0].delegate.namespace",
        ),
        "callers are sent away": case(
            {f"{HTTP}.redirect.authority": "evil.example.com"}, "spec.http[0].redirect.authority"
        ),
        "the proxy answers everything": case(
            {
                f"{HTTP}.match": GONE,
                f"{HTTP}.redirect": GONE,
                f"{HTTP}.directResponse": {"status": 503},
            },
            "spec.http[0].directResponse",
        ),
        "a backend of another team": case(
            {"1:spec.rules[0].backendRefs[0].namespace": "theirs"},
            "spec.rules[0].backendRefs[0].namespace",
            objects=GATEWAY_API,
        ),
        "a copy to another team at the gateway": case(
            {"1:spec.rules[0].filters": COPY},
            "spec.rules[0].filters[0].requestMirror.backendRef.namespace",
            objects=GATEWAY_API,
        ),
    }
