"""Who comes in from outside comes by names, and only where somebody meant it."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import GATEWAY, HTTP_ROUTE, INGRESS, ISTIO_GATEWAY


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Routes name their hosts, gateways the namespaces that may attach to them."""
    by_kind = {GATEWAY: _listeners, ISTIO_GATEWAY: _servers, INGRESS: _rules}
    for kind, places in by_kind.items():
        if resource.is_a(kind):
            yield from places(resource["spec"])
    if resource.is_a(HTTP_ROUTE):
        yield from _hosts(resource["spec"]["hostnames"])


def _listeners(spec: Field) -> Iterator[Finding]:
    for listener in spec["listeners"].items():
        place = listener["allowedRoutes"]["namespaces"]["from"]
        if place.text() == "All":
            yield place.finding(
                "any namespace may take over hosts here; write Selector with the namespaces"
            )


def _servers(spec: Field) -> Iterator[Finding]:
    for server in spec["servers"].items():
        for host in server["hosts"].items():
            if (host.text() or "").rpartition("/")[2] == "*":
                yield host.finding("it means every host; name them")


def _rules(spec: Field) -> Iterator[Finding]:
    rest = spec["defaultBackend"]
    if not rest.unknown and not rest.missing:
        yield rest.finding("it answers for every host; write rules of hosts")
    for rule in spec["rules"].items():
        if rule["host"].text() in (None, "") and not rule["host"].unknown:
            yield rule["host"].finding("no host is named, so all are meant; name it")


def _hosts(hosts: Field) -> Iterator[Finding]:
    if not hosts.unknown and not hosts.items():
        yield hosts.finding("no host is named, so all of the gateway's are meant; name them")
    for host in hosts.items():
        if host.text() == "*":
            yield host.finding("it means every host; name them")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        name="gateways",
        kinds=(GATEWAY,),
        validations=(
            Validation(
                "object.spec.listeners.all(l, !has(l.allowedRoutes) ||"
                " !has(l.allowedRoutes.namespaces) || !has(l.allowedRoutes.namespaces.from)"
                " || l.allowedRoutes.namespaces.from != 'All')",
                "a listener must not take routes of all namespaces; select those that may",
            ),
        ),
    )
    yield Check(
        name="istio-gateways",
        kinds=(ISTIO_GATEWAY,),
        validations=(
            Validation(
                "object.spec.servers.all(s, s.hosts.all(h, h != '*' && !h.endsWith('/*')))",
                "every server must name its hosts",
            ),
        ),
    )
    yield Check(
        name="routes",
        kinds=(HTTP_ROUTE,),
        validations=(
            Validation(
                "has(object.spec.hostnames) && object.spec.hostnames.size() > 0"
                " && !object.spec.hostnames.exists(h, h == '*')",
                "spec.hostnames must name the hosts",
            ),
        ),
    )
    yield Check(
        name="ingresses",
        kinds=(INGRESS,),
        validations=(
            Validation(
                "!has(object.spec.defaultBackend) && (!has(object.spec.rules) ||"
                " object.spec.rules.all(r, has(r.host) && r.host != ''))",
                "every rule must name its host, and there must be no defaultBackend",
            ),
        ),
    )


RULE = ResourceRule(
    id="mesh-ingress-named",
    severity=HIGH,
    summary="What leads in from outside names its hosts, and gateways the namespaces that they "
    "take routes from.",
    reason="A route without hosts takes every request that no other claims, and a gateway open to "
    "all namespaces lets anybody in the cluster claim a host of yours.",
    fix="Write hostnames into the HTTPRoute or a host into each rule of the Ingress; in listeners "
    "allowedRoutes.namespaces.from: Selector.",
    kinds=(GATEWAY, ISTIO_GATEWAY, HTTP_ROUTE, INGRESS),
    check=check,
    admission=admission,
    example="""\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: istio-ingress, namespace: istio-ingress}
spec:
  gatewayClassName: istio
  listeners:
    - name: http
      port: 80
      protocol: HTTP
      allowedRoutes:
        namespaces:
          from: Selector
          selector: {matchLabels: {kubernetes.io/metadata.name: brisa}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: brisa}
spec:
  parentRefs: [{name: istio-ingress, namespace: istio-ingress}]
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: web, port: 80}]}]
""",
)
