"""Service entries that people really write: what would do harm is refused, the rest is taken."""

import pytest

from tests.settings.conftest import Configuration

WEB = {"name": "web", "namespace": "brisa", "port": 3000}
DB = {"name": "db", "namespace": "brisa", "port": 5432, "protocol": "tcp"}
SHOP = {"hosts": ["shop.example.com"]}

ACCEPTED = {
    "name, namespace and port": {},
    "a Service on port 80 before a container on 8080": {"port": 80, "containerPort": 8080},
    "one replica": {"replicas": 1},
    "an autoscaler": {"replicas": 2, "autoscaled": True},
    "a stateful service": {"workload": "StatefulSet"},
    "gRPC": {"port": 50051, "protocol": "grpc"},
    "HTTP/2": {"protocol": "http2"},
    "a database": DB,
    "a database whose limit of time is said to be none": {**DB, "route": {"timeout": None}},
    "a port for metrics": {"furtherPorts": [{"port": 9090, "containerPort": 9102}]},
    "HTTP beside TCP": {**DB, "furtherPorts": [{"port": 8008}], "route": {"timeout": "20s"}},
    "a gateway as caller": {"callers": ["ingress"]},
    "a job as caller": {"externalCallers": [{"namespace": "batch", "serviceAccount": "report"}]},
    "a whole namespace as caller": {"externalCallers": [{"namespace": "legacy"}]},
    "Prometheus as caller of one port": {
        "furtherPorts": [{"port": 9090}],
        "externalCallers": [
            {"namespace": "monitoring", "serviceAccount": "prometheus", "ports": [9090]}
        ],
    },
    "tills that know no mutual TLS": {
        "plainText": {"reason": "tills", "until": "2027-01-31", "sources": ["10.9.0.0/16"]}
    },
    "a way in": {"ingress": SHOP},
    "a way in for every host below one": {"ingress": {"hosts": ["*.shop.example.com"]}},
    "a way in with a certificate of cert-manager": {
        "ingress": {**SHOP, "tls": {"secretName": "shop-tls", "issuer": {"name": "letsencrypt"}}}
    },
    "a stream without a limit": {"route": {"timeout": None}},
    "a canary": {"route": {"canary": {}}},
    "retries with a limit each": {
        "route": {"retries": {"retryOn": ["503"], "perTryTimeout": "2s"}}
    },
    "an account of another name": {"serviceAccount": "web-runner"},
    "a pinned image": {"image": {"name": "web", "digest": f"sha256:{'a' * 64}"}},
}

REFUSED = {
    "no port": ({"port": None}, "services[0].port"),
    "a port in quotes": ({"port": "3000"}, "services[0].port"),
    "a named port": ({"port": "http"}, "services[0].port"),
    "targetPort instead of containerPort": ({"targetPort": 8080}, "services[0].targetPort"),
    "ports instead of port": ({"ports": [8080]}, "services[0].ports"),
    "a metrics port that is the port": (
        {"furtherPorts": [{"port": 3000}]},
        "services[0].furtherPorts[0].port",
    ),
    "no replicas instead of an autoscaler": ({"replicas": None}, "services[0].replicas"),
    "replicas in quotes": ({"replicas": "3"}, "services[0].replicas"),
    "a daemon": ({"workload": "DaemonSet"}, "services[0].workload"),
    "a protocol in capitals": ({"protocol": "HTTP"}, "services[0].protocol"),
    "https, which the mesh does itself": ({"protocol": "https"}, "services[0].protocol"),
    "a canary of a database": (
        {**DB, "name": "web", "route": {"canary": {}}},
        "services[0].route.canary",
    ),
    "retries of a database": (
        {**DB, "name": "web", "route": {"retries": {"attempts": 2}}},
        "services[0].route.retries",
    ),
    "a way in for a database": (
        {**DB, "name": "web", "ingress": SHOP},
        "services[0].ingress",
    ),
    "callers as text": ({"callers": "ingress"}, "services[0].callers"),
    "a caller of another namespace by path": (
        {"callers": ["batch/report"]},
        "services[0].callers[0]",
    ),
    "everybody as caller": ({"callers": ["*"]}, "services[0].callers[0]"),
    "every namespace as caller": (
        {"externalCallers": [{"namespace": "*"}]},
        "services[0].externalCallers[0].namespace",
    ),
    "plain text from everywhere": (
        {"plainText": {"reason": "x", "until": "2027-01-31", "sources": ["0.0.0.0/0"]}},
        "services[0].plainText.sources[0]",
    ),
    "plain text for ever": (
        {"plainText": {"reason": "x", "sources": ["10.9.0.0/16"]}},
        "services[0].plainText.until",
    ),
    "plain text without a reason": (
        {"plainText": {"until": "2027-01-31", "sources": ["10.9.0.0/16"]}},
        "services[0].plainText.reason",
    ),
    "plain text at another's port": (
        {
            "plainText": {
                "reason": "x",
                "until": "2027-01-31",
                "sources": ["10.9.0.0/16"],
                "ports": [9090],
            }
        },
        "services[0].plainText.ports[0]",
    ),
    "a caller without its namespace": (
        {"externalCallers": [{"serviceAccount": "report"}]},
        "services[0].externalCallers[0].namespace",
    ),
    "a host with its scheme": (
        {"ingress": {"hosts": ["https://shop.example.com"]}},
        "services[0].ingress.hosts[0]",
    ),
    "a host with its path": (
        {"ingress": {"hosts": ["shop.example.com/api"]}},
        "services[0].ingress.hosts[0]",
    ),
    "every host there is": ({"ingress": {"hosts": ["*"]}}, "services[0].ingress.hosts[0]"),
    "one host twice": (
        {"ingress": {"hosts": ["shop.example.com"] * 2}},
        "services[0].ingress.hosts",
    ),
    "a host as text": ({"ingress": {"hosts": "shop.example.com"}}, "services[0].ingress.hosts"),
    "only that there is a way in": ({"ingress": True}, "services[0].ingress"),
    "only that there is TLS": ({"ingress": {**SHOP, "tls": True}}, "services[0].ingress.tls"),
    "a canary whose way in would lose it": (
        {"ingress": SHOP, "route": {"canary": {}}},
        "services[0].ingress",
    ),
    "a timeout without a unit": ({"route": {"timeout": "10"}}, "services[0].route.timeout"),
    "a latency in milliseconds without a unit": (
        {"slo": {"latencyP95": 300}},
        "services[0].slo.latencyP95",
    ),
    "three nines as a share": (
        {"slo": {"availabilityPercent": 0.999}},
        "services[0].slo.availabilityPercent",
    ),
    "the platform's namespace": ({"namespace": "istio-system"}, "services[0].namespace"),
    "a namespace in capitals": ({"namespace": "Brisa"}, "services[0].namespace"),
    "latest": ({"image": {"name": "web", "newTag": "latest"}}, "services[0].image.newTag"),
}


def configured(changes):
    configuration = Configuration()
    configuration.set(("services", 0), WEB | changes)
    return configuration


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED)
def test_is_taken(changes):
    configuration = configured({**changes, "name": "web"})
    assert configuration.read().services[0].name == "web"


@pytest.mark.parametrize("changes, key", REFUSED.values(), ids=REFUSED)
def test_is_refused_where_it_stands(changes, key):
    problem = configured(changes).problems()[key]
    assert problem.what
    assert problem.allowed
