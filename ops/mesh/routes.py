"""Where the mesh sends requests: every route with its weights, and what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ops.cluster import Cluster, Object
from ops.cluster.objects import lookup
from ops.documents import Document, Part
from ops.errors import OpsError
from vocabulary.kinds import DESTINATION_RULE, VIRTUAL_SERVICE

ALL = 100
ROOT = "istio-system"
"""Namespace whose DestinationRules count for the whole mesh."""


class Destination(Part):
    """One share of a route."""

    host: str
    """Full name of the service."""

    subset: str
    """Version of it; empty for all its pods."""

    weight: int
    """Percent."""


class Route(Part):
    """One HTTP route of a VirtualService."""

    namespace: str
    """Of the VirtualService."""

    virtual_service: str
    """Its name."""

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
    kinds = [cluster.catalogue.find(kind) for kind in (VIRTUAL_SERVICE, DESTINATION_RULE)]
    found = cluster.list_many(kinds)
    services, rules = (_listed(found[kind]) for kind in kinds)
    wanted = [each for each in services if namespace in (None, each["metadata"]["namespace"])]
    routes = tuple(route for each in wanted for route in routes_of(each, rules))
    return Routes(well=not any(route.problems for route in routes), routes=routes)


def routes_of(service: Object, rules: Sequence[Object]) -> Iterator[Route]:
    """The HTTP routes of a VirtualService. Pure."""
    namespace = service["metadata"]["namespace"]
    for index, http in enumerate(lookup(service, "spec", "http") or ()):
        shares = tuple(_destinations(http.get("route") or (), namespace))
        yield Route(
            namespace=namespace,
            virtual_service=service["metadata"]["name"],
            index=index,
            hosts=tuple(lookup(service, "spec", "hosts") or ()),
            destinations=shares,
            problems=tuple(_problems(shares, rules, namespace)),
        )


def full_host(host: str, namespace: str) -> str:
    """A service's host in full; short names count in the namespace that they are used in."""
    return host if "." in host or host == "*" else f"{host}.{namespace}.svc.cluster.local"


def subsets(
    host: str, rules: Sequence[Object], *, caller: str | None = None
) -> Mapping[str, Mapping[str, str]]:
    """The subsets of a host and the labels of their pods.

    Args:
        host: full name of the service.
        rules: every DestinationRule.
        caller: namespace of callers; only what they see counts then.
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
    places = (_namespace(host), ROOT)
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


def _problems(shares: Sequence[Destination], rules: Sequence[Object], caller: str) -> Iterator[str]:
    total = sum(share.weight for share in shares)
    if shares and total != ALL:
        yield f"weights add up to {total}, not {ALL}"
    for share in shares:
        if not share.subset or share.subset in subsets(share.host, rules, caller=caller):
            continue
        if share.subset in subsets(share.host, rules):
            yield (
                f"the subset {share.subset} of {share.host} is defined only where callers in "
                f"{caller} do not see it (another namespace, or exportTo): 503"
            )
        else:
            yield f"no DestinationRule of {share.host} has the subset {share.subset}: 503"


def _listed(found: list[Object] | OpsError) -> list[Object]:
    if isinstance(found, OpsError):
        raise found
    return found
