"""Moving the weight of a canary: both weights at once, only to versions that exist.

The write stands in `managedFields` under a name that begins with `kubectl`. Pulumi's provider takes
fields of such managers over instead of refusing the next `up` with a conflict, so the weight is
treated as any that a person sets by hand: kept by `pulumi up --refresh`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.cluster import Cluster, Object, Ref
from ops.cluster.changes import Change, Patch, edit
from ops.cluster.objects import is_ready, labels, lookup, pairs
from ops.errors import UsageError
from ops.mesh.routes import ALL, Route, full_host, routes_of, subsets
from vocabulary.kinds import DESTINATION_RULE, POD, SERVICE, VIRTUAL_SERVICE
from vocabulary.labels import TARGET

MANAGER = "kubectl-brisa-ops"
STABLE, CANARY = "stable", "canary"


@dataclass(frozen=True)
class CanaryRoute:
    """The route of a service, as far as its canary is concerned."""

    ref: Ref
    """The VirtualService."""

    host: str
    """Full name of the service."""

    weight: int
    """Present share of the canary."""

    labels: Mapping[str, str]
    """Labels of the canary's pods."""


def find_canary(cluster: Cluster, service: str, namespace: str | None) -> CanaryRoute:
    """The route of a service that has a canary.

    Raises:
        UsageError: when there is none, several, or one that could not work.
    """
    virtual_services, rules = cluster.list_each(VIRTUAL_SERVICE, DESTINATION_RULE)
    mine = [
        each
        for each in virtual_services
        if namespace in (None, each["metadata"]["namespace"]) and _is_of(each, service)
    ]
    split = [each for each in mine if _split(each)]
    if not mine:
        raise UsageError(f"no VirtualService routes to {service}; mesh routes lists them all")
    if not split:
        names = ", ".join(str(Ref.of(each)) for each in mine)
        raise UsageError(
            f"{service} has no canary: {names} does not split between {STABLE} and {CANARY}; "
            "declare route.canary of the service in the catalogue, then pulumi up"
        )
    if len(split) > 1:
        names = ", ".join(str(Ref.of(each)) for each in split)
        raise UsageError(f"{service} is split by several: {names}; say which with -n NAMESPACE")
    (found,) = split
    canary = next(each for each in _split(found)[0].destinations if each.subset == CANARY)
    known = subsets(canary.host, rules, caller=found["metadata"]["namespace"])
    missing = sorted({STABLE, CANARY} - known.keys())
    if missing:
        raise UsageError(
            f"no DestinationRule of {canary.host} has the subset {', '.join(missing)}: requests "
            "there would be answered with 503"
        )
    return CanaryRoute(Ref.of(found), canary.host, canary.weight, known[CANARY])


def ready_pods(cluster: Cluster, route: CanaryRoute) -> int:
    """How many pods of the canary are ready."""
    name, namespace = route.host.split(".")[:2]
    selector = lookup(cluster.one(SERVICE, namespace, name), "spec", "selector") or {}
    wanted = {**selector, **route.labels}
    return sum(map(is_ready, cluster.list_all(POD, namespace=namespace, labels=wanted)))


def set_weight(
    cluster: Cluster,
    service: str,
    weight: int,
    *,
    namespace: str | None = None,
    force: bool = False,
    dry_run: bool = False,
) -> tuple[CanaryRoute, Change]:
    """Give a canary its share; the stable version gets the rest.

    The VirtualService is looked for everywhere without a namespace; `force`: also when no pod of
    the canary is ready.

    Raises:
        UsageError: when the weight or the route cannot be.
    """
    if not 0 <= weight <= ALL:
        raise UsageError(f"{weight} is no share; use 0 to {ALL} percent")
    route = find_canary(cluster, service, namespace)
    if weight and not force and not ready_pods(cluster, route):
        raise UsageError(
            f"no pod of {service} with {pairs(route.labels)} is ready, so {weight} % of "
            "requests would be answered with 503; bring the canary up first, or insist with --force"
        )

    def decide(item: Object) -> Patch | None:
        return list(_operations(item, weight)) or None

    return route, edit(cluster, route.ref, decide, dry_run=dry_run, manager=MANAGER)


def _is_of(virtual_service: Object, service: str) -> bool:
    namespace = virtual_service["metadata"]["namespace"]
    hosts = lookup(virtual_service, "spec", "hosts") or ()
    full = {full_host(str(host), namespace) for host in hosts}
    names = {host.split(".")[0] for host in full}
    return labels(virtual_service).get(TARGET) == service or service in names or service in full


def _split(virtual_service: Object) -> list[Route]:
    """Its HTTP routes that are shared between the two versions."""
    routes = routes_of(virtual_service, ())
    return [each for each in routes if {d.subset for d in each.destinations} == {STABLE, CANARY}]


def _operations(virtual_service: Object, weight: int) -> Iterator[Mapping[str, Any]]:
    """The operations that set both weights wherever the two versions share a route."""
    wanted = {STABLE: ALL - weight, CANARY: weight}
    for route in _split(virtual_service):
        for place, share in enumerate(route.destinations):
            if share.weight != wanted[share.subset]:
                path = f"/spec/http/{route.index}/route/{place}/weight"
                # `add` also sets a weight that is not there, where `replace` fails.
                yield {"op": "add", "path": path, "value": wanted[share.subset]}
