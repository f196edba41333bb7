"""Where the mesh sends requests: every route with its weights, and what is wrong with it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ops.cluster import Cluster, Object
from ops.cluster.objects import is_ready, labels, lookup, matches, pairs
from ops.documents import Document, Part
from ops.mesh.modes import ROOT_NAMESPACE
from vocabulary.kinds import DESTINATION_RULE, HTTP_ROUTE, POD, SERVICE, VIRTUAL_SERVICE

ALL = 100


class Destination(Part):
    """One share of a route."""

    host: str
    """Full name of the service."""

    subset: str
    """Version of it; empty for all its pods."""

    weight: int
    """Percent."""

    @property
    def name(self) -> str:
        """What people call it: the subset, or the service where all its pods are meant."""
        return self.subset or self.host.partition(".")[0]


class Route(Part):
    """One HTTP route of a VirtualService, or of an HTTPRoute at a gateway."""

    namespace: str
    """Namespace of the object."""

    virtual_service: str
    """Its name; of a way in the HTTPRoute's."""

    index: int
    """Place among its HTTP routes."""

    hosts: tuple[str, ...]
    """Names that callers use."""

    destinations: tuple[Destination, ...]
    """Who gets which share."""

    problems: tuple[str, ...]
    """What is wrong with it."""


class Routes(Document):
    """The routes of the mesh."""

    document: Literal["mesh-routes/1"] = "mesh-routes/1"
    """Name and version of this document."""

    well: bool
    """Whether nothing is wrong with any of them."""

    routes: tuple[Route, ...]
    """Every HTTP route."""


def get_routes(cluster: Cluster, *, namespace: str | None = None) -> Routes:
    """Ask for all routes.

    Raises:
        NotInstalledError: when the cluster has no Istio.
    """
    kinds = (VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE, POD)
    virtual_services, rules, services, pods = cluster.list_each(*kinds)
    running = ready_pods(services, pods)
    found = [
        *(route for each in virtual_services for route in routes_of(each, rules, running)),
        *(route for each in cluster.all(HTTP_ROUTE) for route in ways_in(each)),
    ]
    routes = tuple(each for each in found if namespace in (None, each.namespace))
    return Routes(well=not any(route.problems for route in routes), routes=routes)


Running = Mapping[str, Sequence[Mapping[str, str]]]
"""Full name of a service -> the labels of each of its ready pods."""


def ready_pods(services: Sequence[Object], pods: Sequence[Object]) -> Running:
    """The ready pods behind each service that selects any. Pure."""
    by_namespace: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for pod in filter(is_ready, pods):
        by_namespace[pod["metadata"]["namespace"]].append(labels(pod))
    running = {}
    for service in services:
        namespace, selector = service["metadata"]["namespace"], lookup(service, "spec", "selector")
        mine = by_namespace[namespace] if selector else ()
        if behind := [each for each in mine if matches(selector, each)]:
            running[full_host(service["metadata"]["name"], namespace)] = behind
    return running


def routes_of(
    virtual_service: Object, rules: Sequence[Object], running: Running | None = None
) -> Iterator[Route]:
    """The HTTP routes of a VirtualService; without `running`, nothing is said of pods. Pure."""
    namespace = virtual_service["metadata"]["namespace"]
    for index, http in enumerate(lookup(virtual_service, "spec", "http") or ()):
        shares = tuple(_destinations(http.get("route") or (), namespace))
        yield Route(
            namespace=namespace,
            virtual_service=virtual_service["metadata"]["name"],
            index=index,
            hosts=tuple(lookup(virtual_service, "spec", "hosts") or ()),
            destinations=shares,
            problems=tuple(_problems(shares, rules, namespace, running or {})),
        )


def ways_in(http_route: Object) -> Iterator[Route]:
    """The rules of an HTTPRoute; what is wrong with it its gateways have said. Pure."""
    namespace, name = http_route["metadata"]["namespace"], http_route["metadata"]["name"]
    for index, rule in enumerate(lookup(http_route, "spec", "rules") or ()):
        backends = rule.get("backendRefs") or ()
        total = sum(each.get("weight", 1) for each in backends)
        yield Route(
            namespace=namespace,
            virtual_service=name,
            index=index,
            hosts=tuple(lookup(http_route, "spec", "hostnames") or ()),
            destinations=tuple(
                Destination(
                    host=full_host(each["name"], each.get("namespace") or namespace),
                    subset="",
                    weight=round(ALL * each.get("weight", 1) / total) if total else 0,
                )
                for each in backends
            ),
            problems=tuple(_refusals(http_route)),
        )


def _refusals(http_route: Object) -> Iterator[str]:
    parents = lookup(http_route, "status", "parents") or ()
    if not parents:
        yield "no gateway has taken it up: does the Gateway of its parentRefs exist?"
    for parent in parents:
        gateway = lookup(parent, "parentRef", "name")
        for each in parent.get("conditions") or ():
            if each.get("type") in ("Accepted", "ResolvedRefs") and each.get("status") == "False":
                said = f"{each.get('reason', '')}: {each.get('message', '')}"
                yield f"the gateway {gateway} does not take it: {said}"


def full_host(host: str, namespace: str) -> str:
    """A service's host in full; short names count in the namespace that they are used in."""
    return host if "." in host or host == "*" else f"{host}.{namespace}.svc.cluster.local"


def subsets(
    host: str, rules: Sequence[Object], *, caller: str | None = None
) -> Mapping[str, Mapping[str, str]]:
    """The subsets of a host and the labels of their pods.

    With the namespace of a caller only what it sees counts.
    """
    return {
        subset["name"]: subset.get("labels") or {}
        for rule in rules
        if full_host(lookup(rule, "spec", "host") or "", rule["metadata"]["namespace"]) == host
        and (caller is None or _is_seen(rule, host, caller))
        for subset in lookup(rule, "spec", "subsets") or ()
    }


def _is_seen(rule: Object, host: str, caller: str) -> bool:
    """Whether callers of a namespace go by a DestinationRule.

    Istio looks in their own namespace, in the service's and in its root namespace, and in the last
    two only at what is exported to them.
    """
    namespace = rule["metadata"]["namespace"]
    if namespace == caller:
        return True
    exported = lookup(rule, "spec", "exportTo") or ["*"]
    places = (_namespace(host), ROOT_NAMESPACE)
    return (namespace in places or places[0] is None) and bool({"*", caller} & {*exported})


def _namespace(host: str) -> str | None:
    """The namespace of a service in the cluster; None for a host outside it."""
    parts = host.split(".")
    return parts[1] if parts[2:3] == ["svc"] else None


def _destinations(entries: Sequence[Mapping[str, Any]], namespace: str) -> Iterator[Destination]:
    # Without a weight a destination gets nothing, unless it is the only one.
    default = ALL if len(entries) == 1 else 0
    for entry in entries:
        destination = entry.get("destination") or {}
        yield Destination(
            host=full_host(str(destination.get("host", "")), namespace),
            subset=str(destination.get("subset", "")),
            weight=int(entry.get("weight") or default),
        )


def _problems(
    shares: Sequence[Destination], rules: Sequence[Object], caller: str, running: Running
) -> Iterator[str]:
    total = sum(share.weight for share in shares)
    if shares and total != ALL:
        yield f"weights add up to {total}, not {ALL}"
    for share in shares:
        if not share.subset:
            continue
        selector = subsets(share.host, rules, caller=caller).get(share.subset)
        if selector is None and share.subset in subsets(share.host, rules):
            yield (
                f"the subset {share.subset} of {share.host} is defined only where callers in "
                f"{caller} do not see it (another namespace, or exportTo): 503"
            )
        elif selector is None:
            yield f"no DestinationRule of {share.host} has the subset {share.subset}: 503"
        # A service of which nothing runs is its workload's trouble, not its route's.
        elif (
            share.weight
            and (pods := running.get(share.host))
            and not any(matches(selector, each) for each in pods)
        ):
            yield (
                f"no ready pod of {share.host} has {pairs(selector)}, the subset {share.subset}: "
                f"{share.weight} % of requests get 503"
            )
