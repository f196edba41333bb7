from policy.rules.mesh_ingress_named import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

FROM = "spec.listeners[0].allowedRoutes.namespaces.from"
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: brisa}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
"""
ISTIO = """\
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: brisa}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]
"""
BACKEND = {"service": {"name": "web", "port": {"number": 80}}}


class TestIngressNamed(RuleContract):
    rule = RULE
    good = {
        "a gateway for its own namespace": case({f"0:{FROM}": "Same"}),
        "a gateway that says nothing, which means its own": case(
            {"0:spec.listeners[0].allowedRoutes": GONE}
        ),
        "a wildcard of one's own": case({"1:spec.hostnames[0]": "*.shop.example.com"}),
        "an ingress with a host": case(objects=INGRESS),
        "Istio's own gateway with a host": case(objects=ISTIO),
    }
    bad = {
        "a gateway for everybody": case({f"0:{FROM}": "All"}, FROM, says="Selector"),
        "a route without hosts": case(
            {"1:spec.hostnames": GONE}, "spec.hostnames", says="no host is named"
        ),
        "a route with no hosts": case({"1:spec.hostnames": []}, "spec.hostnames"),
        "a route for every host": case({"1:spec.hostnames[0]": "*"}, "spec.hostnames[0]"),
        "Istio's own gateway for every host": case(
            {"spec.servers[0].hosts": ["./*"]}, "spec.servers[0].hosts[0]", objects=ISTIO
        ),
        "an ingress without a host": case(
            {"spec.rules[0].host": GONE}, "spec.rules[0].host", objects=INGRESS
        ),
        "an ingress for the rest": case(
            {"spec.defaultBackend": BACKEND}, "spec.defaultBackend", objects=INGRESS
        ),
        "a route for a top-level domain": case(
            {"1:spec.hostnames[0]": "*.com"}, "spec.hostnames[0]"
        ),
        "a route of gRPC without hosts": case(
            {"1:kind": "GRPCRoute", "1:spec.hostnames": GONE}, "spec.hostnames"
        ),
        "a gateway for whoever is selected by nothing": case(
            {"0:spec.listeners[0].allowedRoutes.namespaces.selector": {}},
            "spec.listeners[0].allowedRoutes.namespaces.selector",
        ),
        "an ingress for a top-level domain": case(
            {"spec.rules[0].host": "*.org"}, "spec.rules[0].host", objects=INGRESS
        ),
    }
