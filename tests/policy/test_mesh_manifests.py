"""Manifests of the mesh that people really write: the harmful are refused, the harmless are not.

Each harmful one with the rule that says why; stack rules judge it together with the rest of a
small, sound stack.
"""

import pytest

from policy.rule import ResourceRule
from policy.rules import all_rules
from tests.policy.views import load, stack_view, view

REST = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: default-deny, namespace: shop}
spec: {}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec:
  host: api.shop.svc.cluster.local
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5, maxEjectionPercent: 50}}
  subsets: [{name: stable, labels: {version: stable}}]
"""


def of(kind, spec, namespace="shop", group="networking.istio.io/v1", **metadata):
    about = {"name": "it", "namespace": namespace, **metadata}
    return {"apiVersion": group, "kind": kind, "metadata": about, "spec": spec}


def security(kind, spec, **about):
    return of(kind, spec, group="security.istio.io/v1", **about)


def route(hosts=("api.shop.svc.cluster.local",), namespace="shop", gateways=None, **http):
    to = {"destination": {"host": "api.shop.svc.cluster.local"}}
    spec = {"hosts": [*hosts], "http": [{"route": [to], "retries": {"attempts": 0}, **http}]}
    return of("VirtualService", spec | ({"gateways": gateways} if gateways else {}), namespace)


def split(*shares):
    host = "api.shop.svc.cluster.local"
    return route(
        route=[
            {"destination": {"host": host, "subset": subset}, "weight": weight}
            for subset, weight in shares
        ]
    )


def rule(host="api.shop.svc.cluster.local", namespace="shop", **policy):
    breaker = {"outlierDetection": {"consecutive5xxErrors": 5, "maxEjectionPercent": 100}}
    return of("DestinationRule", {"host": host, "trafficPolicy": {**breaker, **policy}}, namespace)


def allow(*rules, action="ALLOW", **about):
    return security("AuthorizationPolicy", {"action": action, "rules": [*rules]}, **about)


def source(**of_):
    return {"from": [{"source": of_}]}


HARMFUL = {
    "plain text is let in": (
        security("PeerAuthentication", {"mtls": {"mode": "PERMISSIVE"}}),
        "mesh-mtls-strict",
    ),
    "mutual TLS is off for the mesh": (
        security("PeerAuthentication", {"mtls": {"mode": "DISABLE"}}, namespace="istio-system"),
        "mesh-mtls-strict",
    ),
    "one port takes plain text": (
        security(
            "PeerAuthentication",
            {
                "selector": {"matchLabels": {"app": "api"}},
                "mtls": {"mode": "STRICT"},
                "portLevelMtls": {"9090": {"mode": "PERMISSIVE"}},
            },
        ),
        "mesh-mtls-strict",
    ),
    "an empty PeerAuthentication": (security("PeerAuthentication", {}), "mesh-mtls-strict"),
    "callers send plain text": (rule(tls={"mode": "DISABLE"}), "mesh-client-tls"),
    "everybody may call": (allow({}), "mesh-no-allow-all"),
    "every identity may call": (allow(source(principals=["*"])), "mesh-no-allow-all"),
    "every namespace may call": (allow(source(namespaces=["*"])), "mesh-no-allow-all"),
    "every address may call": (allow(source(ipBlocks=["0.0.0.0/0"])), "mesh-no-allow-all"),
    "any account called default": (
        allow(source(principals=["*/sa/default"])),
        "mesh-no-allow-all",
    ),
    "everybody may call a method": (
        allow({"to": [{"operation": {"methods": ["GET"]}}]}),
        "mesh-no-allow-all",
    ),
    "nobody may call at all": (allow({}, action="DENY"), "mesh-no-deny-all"),
    "nobody in the whole mesh": (
        allow({}, action="DENY", namespace="istio-system"),
        "mesh-no-deny-all",
    ),
    "every identity is denied": (
        allow(source(principals=["*"]), action="DENY"),
        "mesh-no-deny-all",
    ),
    "shares of 110": (split(("stable", 90), ("stable", 20)), "mesh-weights-sum-100"),
    "a version that no rule knows": (split(("canary", 100)), "mesh-subset-exists"),
    "a mirror to a version that no rule knows": (
        route(mirrors=[{"destination": {"host": "api.shop.svc.cluster.local", "subset": "v2"}}]),
        "mesh-subset-exists",
    ),
    "retries without an end": (
        route(retries={"attempts": 3, "retryOn": "5xx"}),
        "mesh-retries-bounded",
    ),
    "retries that outlast the timeout": (
        route(timeout="3s", retries={"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx"}),
        "mesh-retries-bounded",
    ),
    "retries that nobody wrote": (route(retries={}), "mesh-retries-bounded"),
    "every second request fails": (
        route(fault={"abort": {"httpStatus": 500, "percentage": {"value": 50}}}),
        "mesh-no-lasting-fault",
    ),
    "requests wait": (
        route(fault={"delay": {"fixedDelay": "7s", "percentage": {"value": 100}}}),
        "mesh-no-lasting-fault",
    ),
    "a route for another's host": (route(namespace="other"), "mesh-own-hosts"),
    "a route for every host": (route(hosts=["*"]), "mesh-own-hosts"),
    "a rule for every service": (rule(host="*.local", tls={"mode": "SIMPLE"}), "mesh-own-hosts"),
    "a breaker that does nothing": (
        rule(outlierDetection={"consecutiveErrors": 5}),
        "mesh-consecutive-errors",
    ),
    "a breaker that never opens": (
        of(
            "DestinationRule",
            {
                "host": "api.shop.svc.cluster.local",
                "trafficPolicy": {"outlierDetection": {"maxEjectionPercent": 10}},
            },
            annotations={"platform.brisa/replicas": "api=3"},
        ),
        "mesh-breaker-opens",
    ),
    "access rules are taken out of the proxies": (
        of(
            "EnvoyFilter",
            {
                "configPatches": [
                    {
                        "applyTo": "HTTP_FILTER",
                        "match": {"listener": {"filterChain": {"filter": {"name": "rbac"}}}},
                        "patch": {"operation": "REMOVE"},
                    }
                ]
            },
            group="networking.istio.io/v1alpha3",
        ),
        "mesh-envoy-filter-ours",
    ),
    "a machine poses as a pod of the service": (
        of("WorkloadEntry", {"address": "203.0.113.9", "labels": {"app": "api"}}),
        "mesh-no-posing",
    ),
    "an entry poses as the service": (
        of(
            "ServiceEntry",
            {
                "hosts": ["api.shop.svc.cluster.local"],
                "location": "MESH_EXTERNAL",
                "resolution": "STATIC",
                "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}],
                "endpoints": [{"address": "203.0.113.9"}],
            },
        ),
        "mesh-no-posing",
    ),
    "nobody counts requests any more": (
        of(
            "Telemetry",
            {"metrics": [{"overrides": [{"match": {"mode": "SERVER"}, "disabled": True}]}]},
            group="telemetry.istio.io/v1",
        ),
        "mesh-telemetry-on",
    ),
    "an entrance for every host": (
        of(
            "HTTPRoute",
            {"parentRefs": [{"name": "public"}], "rules": [{"backendRefs": [{"name": "api"}]}]},
            group="gateway.networking.k8s.io/v1",
        ),
        "mesh-ingress-named",
    ),
    "a gateway that anybody may use": (
        of(
            "Gateway",
            {
                "gatewayClassName": "istio",
                "listeners": [
                    {
                        "name": "http",
                        "port": 80,
                        "protocol": "HTTP",
                        "allowedRoutes": {"namespaces": {"from": "All"}},
                    }
                ],
            },
            group="gateway.networking.k8s.io/v1",
        ),
        "mesh-ingress-named",
    ),
}

HARMLESS = {
    "one account may call": allow(source(principals=["cluster.local/ns/shop/sa/web"])),
    "a namespace may call": allow(source(namespaces=["web"])),
    "a ServiceAccount may call": allow(source(serviceAccounts=["web/web"])),
    "whoever has a valid token": allow(source(requestPrincipals=["*"])),
    "a claim decides": allow({"when": [{"key": "request.auth.claims[group]", "values": ["a"]}]}),
    "a health check is open": allow({"to": [{"operation": {"paths": ["/healthz"]}}]}),
    "the administration is closed": allow(
        {"to": [{"operation": {"paths": ["/admin/*"]}}]}, action="DENY"
    ),
    "a request without a token is denied": allow(source(notRequestPrincipals=["*"]), action="DENY"),
    "an audit of everything": allow({}, action="AUDIT"),
    "a strict namespace": security("PeerAuthentication", {"mtls": {"mode": "STRICT"}}),
    "shares of 90 and 10 of one version": split(("stable", 90), ("stable", 10)),
    "one share that needs no weight": route(),
    "a redirect": of(
        "VirtualService",
        {"hosts": ["old.example.com"], "http": [{"redirect": {"authority": "shop.example.com"}}]},
    ),
    "a host outside": route(hosts=["shop.example.com"], gateways=["istio-ingress/public"]),
    "every host, at a gateway": route(hosts=["*"], gateways=["istio-ingress/public"]),
    "a header goes along": route(headers={"request": {"set": {"x-team": "shop"}}}),
    "retries of what nobody has begun with": route(
        retries={"attempts": 2, "retryOn": "connect-failure,refused-stream"}
    ),
    "retries within their timeout": route(
        timeout="10s", retries={"attempts": 3, "perTryTimeout": "2s", "retryOn": "5xx"}
    ),
    "a mirror of the service": route(
        mirrors=[{"destination": {"host": "api.shop.svc.cluster.local", "subset": "stable"}}]
    ),
    "a slow start": rule(loadBalancer={"simple": "LEAST_REQUEST", "warmup": {"duration": "30s"}}),
    "a limit of connections": rule(connectionPool={"tcp": {"maxConnections": 10}}),
    "a server outside, over TLS": of(
        "ServiceEntry",
        {
            "hosts": ["api.payments.example"],
            "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}],
            "resolution": "DNS",
        },
    ),
    "a machine outside": of("WorkloadEntry", {"address": "192.0.2.7", "labels": {"vm": "ledger"}}),
    "a proxy that knows less": of(
        "Sidecar",
        {
            "workloadSelector": {"labels": {"app": "api"}},
            "egress": [{"hosts": ["./*", "istio-system/*"]}],
        },
    ),
    "a label more in the series": of(
        "Telemetry",
        {"metrics": [{"overrides": [{"tagOverrides": {"team": {"value": "'shop'"}}}]}]},
        group="telemetry.istio.io/v1",
    ),
    "sizes that nobody needs": of(
        "Telemetry",
        {"metrics": [{"overrides": [{"match": {"metric": "REQUEST_SIZE"}, "disabled": True}]}]},
        group="telemetry.istio.io/v1",
    ),
    "an entrance by name": of(
        "HTTPRoute",
        {
            "parentRefs": [{"name": "public"}],
            "hostnames": ["shop.example.com"],
            "rules": [{"backendRefs": [{"name": "api", "port": 80}]}],
        },
        group="gateway.networking.k8s.io/v1",
    ),
    "an ingress by name": of(
        "Ingress",
        {"ingressClassName": "nginx", "rules": [{"host": "shop.example.com"}]},
        group="networking.k8s.io/v1",
    ),
    "a token is checked": security(
        "RequestAuthentication",
        {"jwtRules": [{"issuer": "https://id.example", "jwksUri": "https://id.example/keys"}]},
    ),
    "a dry run of a rule": allow(
        source(principals=["cluster.local/ns/shop/sa/web"]),
        annotations={"istio.io/dry-run": "true"},
    ),
}
MESH = [each for each in all_rules() if each.family == "mesh"]


def refusing(manifest):
    """Mesh rules that refuse a manifest in an otherwise sound stack."""
    alone = view(manifest)
    stack = stack_view([*load(REST), manifest])
    (*_, mine) = stack.resources
    found = set()
    for each in MESH:
        said = (
            each.findings(alone, each.config())
            if isinstance(each, ResourceRule)
            else [f for f in each.findings(stack, each.config()) if f.urn == mine.urn]
        )
        found |= {each.id} if said else set()
    return found


def test_the_rest_is_sound():
    stack = stack_view(load(REST))
    assert [
        str(finding)
        for each in MESH
        for finding in (
            [f for one in stack.resources for f in each.findings(one, each.config())]
            if isinstance(each, ResourceRule)
            else each.findings(stack, each.config())
        )
    ] == []


@pytest.mark.parametrize("manifest, reason", HARMFUL.values(), ids=HARMFUL)
def test_what_does_harm_is_refused(manifest, reason):
    assert reason in refusing(manifest)


@pytest.mark.parametrize("manifest", HARMLESS.values(), ids=HARMLESS)
def test_what_does_none_is_accepted(manifest):
    assert refusing(manifest) == set()
