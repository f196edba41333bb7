"""What mesh rules share: meshed namespaces, hosts, and which rule of Istio applies to which."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy.cel import Reach
from policy.resources import Field, Resource, Stack
from vocabulary.kinds import DESTINATION_RULE, NAMESPACE, PEER_AUTHENTICATION, VIRTUAL_SERVICE
from vocabulary.labels import INJECTION, REVISION

SUFFIX = ".svc.cluster.local"
NAMESPACED_PARTS = 2

MESH_WIDE = Reach("object.metadata.namespace == variables.root", "Istio's root namespace")
"""What is in the root namespace holds for the whole mesh, the catalogue's namespaces too."""


@dataclass(frozen=True)
class Destination:
    """One destination of a route."""

    place: Field
    """The `destination` object."""

    host: str
    """Fully qualified host."""

    @property
    def namespace(self) -> str | None:
        """Namespace of a Kubernetes service; None for any other host."""
        return service_namespace(self.host)


def qualified(host: str, namespace: str | None) -> str:
    """The full name of a host as Istio completes it: short names get the resource's namespace."""
    return host if "." in host or namespace is None else f"{host}.{namespace}{SUFFIX}"


def service_namespace(host: str) -> str | None:
    """Namespace of a fully qualified Kubernetes service host."""
    parts = host.removesuffix(SUFFIX).split(".")
    if host.endswith(SUFFIX) and len(parts) == NAMESPACED_PARTS:
        return parts[1]
    return None


def destinations(stack: Stack) -> list[Destination]:
    """Every destination of every HTTP route."""
    return _found(
        (entry["destination"], route)
        for route in stack.of(VIRTUAL_SERVICE)
        for http in route["spec"]["http"].items()
        for entry in http["route"].items()
    )


def mentions(stack: Stack) -> list[Destination]:
    """Whatever a VirtualService sends to: destinations, mirrors, and routes of TCP and TLS."""
    mirrors = [
        (place, route)
        for route in stack.of(VIRTUAL_SERVICE)
        for http in route["spec"]["http"].items()
        for place in (http["mirror"], *(each["destination"] for each in http["mirrors"].items()))
    ]
    streams = [
        (entry["destination"], route)
        for route in stack.of(VIRTUAL_SERVICE)
        for protocol in ("tcp", "tls")
        for stream in route["spec"][protocol].items()
        for entry in stream["route"].items()
    ]
    return [*destinations(stack), *_found([*mirrors, *streams])]


def _found(places: Iterable[tuple[Field, Resource]]) -> list[Destination]:
    return [
        Destination(place, qualified(host, route.namespace))
        for place, route in places
        if (host := place["host"].text()) is not None
    ]


def rules_for(stack: Stack, host: str) -> list[Resource]:
    """The DestinationRules that proxies find for a host: those in the service's own namespace."""
    return [
        rule
        for rule in stack.of(DESTINATION_RULE)
        if rule_host(rule) == host and rule.namespace in (service_namespace(host), None)
    ]


def rule_host(rule: Resource) -> str | None:
    """The fully qualified host that a DestinationRule is about."""
    host = rule["spec"]["host"].text()
    return None if host is None else qualified(host, rule.namespace)


def meshed_namespaces(stack: Stack) -> list[Resource]:
    """Namespaces of the stack whose pods get a proxy."""
    return [namespace for namespace in stack.of(NAMESPACE) if _is_meshed(namespace)]


def _is_meshed(namespace: Resource) -> bool:
    labels = namespace["metadata"]["labels"]
    return labels[INJECTION].text() == "enabled" or bool(labels[REVISION].text())


def strict_namespaces(stack: Stack, root: str) -> tuple[bool, set[str]]:
    """Whether the whole mesh is STRICT, and the namespaces that are STRICT by themselves."""
    strict = {
        authentication.namespace or ""
        for authentication in stack.of(PEER_AUTHENTICATION)
        if authentication["spec"]["selector"].absent
        and authentication["spec"]["mtls"]["mode"].text() == "STRICT"
    }
    return root in strict, strict


def traffic_policies(rule: Resource) -> list[Field]:
    """Every traffic policy of a DestinationRule: its own, its subsets', and those of ports."""
    top = [rule["spec"]["trafficPolicy"]]
    top += [subset["trafficPolicy"] for subset in rule["spec"]["subsets"].items()]
    return top + [port for policy in top for port in policy["portLevelSettings"].items()]
