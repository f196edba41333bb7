"""Who comes in from outside comes by names, and only where somebody meant it."""

import re
from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import GATEWAY, GRPC_ROUTE, HTTP_ROUTE, INGRESS, ISTIO_GATEWAY

EVERY = r"^([^/]*/)?[*](\.[^.]+)?$"
"""Every host, or all of a top-level domain."""


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Routes name their hosts, gateways the namespaces that may attach to them."""
    by_kind = {GATEWAY: _listeners, ISTIO_GATEWAY: _servers, INGRESS: _rules}
    for kind, places in by_kind.items():
        if resource.is_a(kind):
            yield from places(resource["spec"])
    if resource.is_a(HTTP_ROUTE, GRPC_ROUTE):
        yield from _hosts(resource["spec"]["hostnames"])


def _listeners(spec: Field) -> Iterator[Finding]:
    for listener in spec["listeners"].items():
        place = listener["allowedRoutes"]["namespaces"]["from"]
        chosen = listener["allowedRoutes"]["namespaces"]["selector"]
        if place.text() == "Selector" and all(
            chosen[key].absent for key in ("matchLabels", "matchExpressions")
        ):
            yield chosen.finding("it selects every namespace; write labels of those that may")
        if place.text() == "All":
            yield place.finding(
                "any namespace may take over hosts here; write Selector with the namespaces"
            )


def _servers(spec: Field) -> Iterator[Finding]:
    for server in spec["servers"].items():
        for host in server["hosts"].items():
            if re.search(EVERY, host.text() or ""):
                yield host.finding("it means every host; name them")


def _rules(spec: Field) -> Iterator[Finding]:
    rest = spec["defaultBackend"]
    if not rest.unknown and not rest.missing:
        yield rest.finding("it answers for every host; write rules of hosts")
    for rule in spec["rules"].items():
        if rule["host"].text() in (None, "") and not rule["host"].unknown:
            yield rule["host"].finding("no host is named, so all are meant; name it")
        if re.search(EVERY, rule["host"].text() or ""):
            yield rule["host"].finding("it means every host; name them")


def _hosts(hosts: Field) -> Iterator[Finding]:
    if not hosts.unknown and not hosts.items():
        yield hosts.finding("no host is named, so all of the gateway's are meant; name them")
    for host in hosts.items():
        if re.search(EVERY, host.text() or ""):
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
                " || l.allowedRoutes.namespaces.from == 'Same'"
                " || (l.allowedRoutes.namespaces.from == 'Selector'"
                " && has(l.allowedRoutes.namespaces.selector)"
                " && (has(l.allowedRoutes.namespaces.selector.matchLabels)"
                " || has(l.allowedRoutes.namespaces.selector.matchExpressions))))",
                "a listener must not take routes of all namespaces; select those that may",
            ),
        ),
    )
    yield Check(
        name="istio-gateways",
        kinds=(ISTIO_GATEWAY,),
        validations=(
            Validation(
                f"object.spec.servers.all(s, s.hosts.all(h, !h.matches({quoted(EVERY)})))",
                "every server must name its hosts",
            ),
        ),
    )
    yield Check(
        name="routes",
        kinds=(HTTP_ROUTE, GRPC_ROUTE),
        validations=(
            Validation(
                "has(object.spec.hostnames) && object.spec.hostnames.size() > 0"
                f" && !object.spec.hostnames.exists(h, h.matches({quoted(EVERY)}))",
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
                " object.spec.rules.all(r, has(r.host) && r.host != ''"
                f" && !r.host.matches({quoted(EVERY)})))",
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
    kinds=(GATEWAY, ISTIO_GATEWAY, HTTP_ROUTE, GRPC_ROUTE, INGRESS),
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
