"""Requests to a service are answered by the catalogue's services."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import SUFFIX, meshed_namespaces, qualified, service_namespace
from policy.resources import Field, Resource, Stack
from policy.rule import CRITICAL, StackRule
from vocabulary.kinds import GRPC_ROUTE, HTTP_ROUTE, NAMESPACE, VIRTUAL_SERVICE


def check(stack: Stack, _: RuleConfig) -> Iterator[Finding]:
    """Whatever a route of a service leads to is a service of a namespace in the mesh."""
    known = {namespace.object_name for namespace in meshed_namespaces(stack)}
    for route in stack.of(VIRTUAL_SERVICE):
        if route.namespace is None or not _is_of_a_service(route):
            continue
        homes = known | {route.namespace}
        for place in _destinations(route):
            host = place["host"].text()
            home = host and service_namespace(qualified(host, route.namespace))
            if host is not None and home not in homes:
                yield place["host"].finding(
                    f"{host} is no service of the mesh, and would get requests to a service of it"
                )
        for http in route["spec"]["http"].items():
            yield from _answers(http, route.namespace)
    for route in stack.of(HTTP_ROUTE, GRPC_ROUTE):
        for place in _backends(route):
            home = place["namespace"].text()
            if home is not None and home not in known | {route.namespace}:
                yield place["namespace"].finding(
                    f"{home} is no namespace of the mesh, and would get requests to a service of it"
                )


def _is_of_a_service(route: Resource) -> bool:
    hosts = [host.text() for host in route["spec"]["hosts"].items()]
    return any(host and service_namespace(qualified(host, route.namespace)) for host in hosts)


def _destinations(route: Resource) -> Iterator[Field]:
    for protocol in ("http", "tcp", "tls"):
        for entry in route["spec"][protocol].items():
            yield from (each["destination"] for each in entry["route"].items())
            yield from (each["destination"] for each in entry["mirrors"].items())
            yield entry["mirror"]


def _backends(route: Resource) -> Iterator[Field]:
    for rule in route["spec"]["rules"].items():
        yield from rule["backendRefs"].items()
        yield from (each["requestMirror"]["backendRef"] for each in rule["filters"].items())


def _answers(http: Field, home: str | None) -> Iterator[Finding]:
    if http["delegate"]["namespace"].text() not in (None, "", home):
        yield http["delegate"]["namespace"].finding("another namespace would decide; remove it")
    if http["redirect"]["authority"].text() not in (None, ""):
        yield http["redirect"]["authority"].finding("callers would be sent elsewhere; remove it")
    answer = http["directResponse"]
    known = not answer.unknown and not http["match"].unknown
    if known and not answer.missing and not http["match"].items():
        yield answer.finding("no request would reach the service; write which are meant in match")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server; the catalogue's namespaces are known there."""
    inside = (
        "(!{0}.contains('.') || variables.catalogue.exists(n, {0}.endsWith('.' + n)"
        " || {0}.endsWith('.' + n + '.svc') || {0}.endsWith('.' + n + '" + SUFFIX + "')))"
    )
    routes = " && ".join(
        f"(!has(object.spec.{protocol}) || object.spec.{protocol}.all(r, !has(r.route)"
        f" || r.route.all(d, {inside.format('d.destination.host')})))"
        for protocol in ("http", "tcp", "tls")
    )
    mirrors = (
        f"(!has(r.mirror) || {inside.format('r.mirror.host')}) && (!has(r.mirrors)"
        f" || r.mirrors.all(d, {inside.format('d.destination.host')}))"
    )
    answers = (
        "(!has(r.delegate) || !has(r.delegate.namespace)"
        " || r.delegate.namespace == '' || r.delegate.namespace == object.metadata.namespace)"
        " && (!has(r.redirect) || !has(r.redirect.authority) || r.redirect.authority == '')"
        " && (!has(r.directResponse) || (has(r.match) && r.match.size() > 0))"
    )
    home = "(!has({0}.namespace) || {0}.namespace in variables.catalogue)"
    yield Check(
        name="gateway-api",
        kinds=(HTTP_ROUTE, GRPC_ROUTE),
        validations=(
            Validation(
                "!(object.metadata.namespace in variables.catalogue) || !has(object.spec.rules)"
                " || object.spec.rules.all(r, (!has(r.backendRefs)"
                f" || r.backendRefs.all(b, {home.format('b')})) && (!has(r.filters)"
                " || r.filters.all(f, !has(f.requestMirror)"
                f" || {home.format('f.requestMirror.backendRef')})))",
                "requests to a service must go, and be copied, to the catalogue's namespaces",
            ),
        ),
    )
    every = "!variables.service || !has(object.spec.http) || object.spec.http.all(r, {0})"
    yield Check(
        kinds=(VIRTUAL_SERVICE,),
        variables={
            "service": (
                "object.metadata.namespace in variables.catalogue && has(object.spec.hosts)"
                f" && object.spec.hosts.exists(h, h != '*' && {inside.format('h')})"
            )
        },
        validations=(
            Validation(
                f"!variables.service || ({routes})",
                "requests to a service must go to services of the catalogue's namespaces",
            ),
            Validation(
                every.format(mirrors),
                "requests to a service must be copied to services of the catalogue only",
            ),
            Validation(
                every.format(answers),
                "a service's route must not delegate to another namespace, redirect to another "
                "host, or answer every request itself",
            ),
        ),
    )


RULE = StackRule(
    id="mesh-routes-stay",
    severity=CRITICAL,
    summary="Requests to a service of the mesh are answered, and copied, by its services only.",
    reason="A route decides where all callers' requests go: one destination, mirror or redirect "
    "hands them, and the tokens in them, to somebody else.",
    fix="Route to services of the catalogue's namespaces. What is for somebody outside calls that "
    "host itself.",
    kinds=(VIRTUAL_SERVICE, HTTP_ROUTE, GRPC_ROUTE, NAMESPACE),
    subject=VIRTUAL_SERVICE,
    check=check,
    admission=admission,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec:
  hosts: [api.brisa.svc.cluster.local]
  http:
    - match: [{uri: {exact: /old}}]
      redirect: {uri: /new}
    - route:
        - destination: {host: api.brisa.svc.cluster.local}
      mirror: {host: api-next}
""",
)
