"""What must hold between services, callers and namespaces; each check yields problems.

A check sees whatever areas could be read, so that one bad area does not hide what is wrong in
another.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from settings.anomaly import Anomaly
from settings.calendar import FAR, LONG_AGO
from settings.catalogue import INGRESS, Service
from settings.chaos import Chaos
from settings.gitops import GitOps
from settings.mesh import Mesh
from settings.observability import Observability
from settings.problems import EDIT, Problem, listed, nearest
from settings.schema import Path
from vocabulary.timing.duration import format_duration

RESERVED_NAMESPACES = frozenset(
    {"default", "kube-system", "kube-public", "kube-node-lease", "flux-system", "istio-system"}
    | {"chaos-mesh"}
)
"""Namespaces in which no catalogue service may live: what keeps the cluster or the platform up."""


def check_catalogue(
    services: Sequence[tuple[int, Service]], names: Sequence[str]
) -> Iterator[Problem]:
    """Names are unique and callers exist.

    `services` are the readable entries with their place in the list, `names` the names of all
    entries, readable or not.
    """
    counts = Counter(names)
    known = {INGRESS, *names}
    for place, service in services:
        path = ("services", place)
        if counts[service.name] > 1:
            yield Problem(
                (*path, "name"),
                "is declared more than once",
                "a name that no other service has",
                service.name,
            )
        if service.name == INGRESS:
            yield Problem(
                (*path, "name"),
                "is what callers call the mesh's gateway",
                "another name",
                service.name,
            )
        yield from _check_external(path, service, services)
        for index, caller in enumerate(service.callers):
            if caller == service.name or caller not in known:
                others = known - {service.name}
                unknown = f"no such service{nearest(caller, others)}"
                what = "calls itself" if caller == service.name else unknown
                key = (*path, "callers", index)
                yield Problem(key, what, f"one of {listed(others)}", caller)
        if len(set(service.callers)) < len(service.callers):
            yield Problem(
                (*path, "callers"),
                "names a caller twice",
                "every caller once",
                list(service.callers),
            )


def _check_external(
    path: Path, service: Service, services: Sequence[tuple[int, Service]]
) -> Iterator[Problem]:
    """Who is in the catalogue is let in by name."""
    for index, caller in enumerate(service.external_callers):
        inside = [each for _, each in services if each.namespace == caller.namespace]
        if caller.service_account is None and inside:
            yield Problem(
                (*path, "externalCallers", index, "namespace"),
                f"is where {inside[0].name} runs: whoever is in it could call, declared or not",
                "names of services in callers, or with it the serviceAccount of somebody else",
                caller.namespace,
            )
        for each in inside:
            if caller.service_account == each.identity:
                yield Problem(
                    (*path, "externalCallers", index, "serviceAccount"),
                    f"is {each.name}'s, which is in the catalogue",
                    f"{each.name} in callers",
                    caller.service_account,
                )


def check_accounts(services: Sequence[tuple[int, Service]]) -> Iterator[Problem]:
    """Each service is somebody of its own: whoever shares an identity shares its permissions."""
    owners: dict[tuple[str, str], str] = {}
    for place, service in services:
        account = (service.namespace, service.identity)
        owner = owners.setdefault(account, service.name)
        path = ("services", place, "serviceAccount")
        allowed = "a ServiceAccount that no other workload of the namespace runs as"
        if service.identity == "default":
            what = "is what every workload runs as that names none, and all of them could call"
            yield Problem(path, what, allowed, service.identity)
        elif owner != service.name:
            what = f"is {owner}'s too, so that each may call whatever the other may"
            yield Problem(path, what, allowed, service.identity)


def check_plain_texts(services: Sequence[tuple[int, Service]], now: datetime) -> Iterator[Problem]:
    """A way past mutual TLS is for a while."""
    for place, service in services:
        if service.plain_text and service.plain_text.until - now.date() > FAR:
            yield Problem(
                ("services", place, "plainText", "until"),
                "is years ahead, which is for ever",
                f"a day within {FAR.days} days; it can be renewed",
                str(service.plain_text.until),
            )


def check_images(services: Sequence[tuple[int, Service]]) -> Iterator[Problem]:
    """A name of an image stands for one image: Flux replaces it wherever it finds it."""
    pins: dict[str, Service] = {}
    for place, service in services:
        if service.image is None:
            continue
        first = pins.setdefault(service.image.name, service)
        if first.image != service.image:
            yield Problem(
                ("services", place, "image"),
                f"pins {service.image.name} to another image than {first.name} does, and the last "
                "would hold for both",
                "the same pin, or a name in the manifests that no other service uses",
                remedy=EDIT,
            )


def check_budgets(services: Sequence[tuple[int, Service]]) -> Iterator[Problem]:
    """A request to a caller lasts until what it calls has had all its tries, or said sorry."""
    by_name = {service.name: service for _, service in services if service.speaks_http}
    for place, service in services:
        if service.name not in by_name:
            continue
        needed = service.route.longest
        for name in service.callers:
            caller = by_name.get(name)
            if caller is None or caller.route.timeout is None or needed is None:
                continue
            if caller.route.timeout < needed:
                yield Problem(
                    ("services", place, "route"),
                    f"lets a request to {service.name} take {format_duration(needed)} with all its "
                    f"tries, but {name}, which calls it, gives up after "
                    f"{format_duration(caller.route.timeout)}: the work is done for nobody",
                    f"timeout and retries of {service.name} within "
                    f"{format_duration(caller.route.timeout)}, or a route.timeout of {name} of "
                    f"{format_duration(needed)} or more",
                    remedy=EDIT,
                )


def check_masks(
    anomaly: Anomaly, services: Mapping[str, Service] | None, now: datetime
) -> Iterator[Problem]:
    """Masks are to come, and name services of the catalogue as far as all of it is known."""
    for place, mask in enumerate(anomaly.masks):
        if mask.is_over(now - LONG_AGO):
            what = "was long ago: is it the year that is wrong?"
            allowed = "a moment of this year or later, or no such mask"
            yield Problem(("anomaly", "masks", place, "end"), what, allowed, mask.end)
        elif mask.end and not mask.is_over(now + FAR):
            what = "is years ahead: is it the year that is wrong?"
            allowed = f"a moment within {FAR.days} days, or no such mask"
            yield Problem(("anomaly", "masks", place, "end"), what, allowed, mask.end)
        for index, name in enumerate(mask.services):
            if services is not None and name not in services:
                path = ("anomaly", "masks", place, "services", index)
                what = f"no such service{nearest(name, services)}"
                yield Problem(path, what, f"one of {listed(services)}", name)


@dataclass(frozen=True)
class Home:
    """A namespace in which a part of the platform runs."""

    path: Path
    """Where it is configured."""

    resident: str
    """Who runs there."""

    namespace: str
    """Its name."""

    made: bool
    """Whether the stack makes it."""


def homes(
    gitops: GitOps | None,
    mesh: Mesh | None,
    chaos: Chaos | None,
    anomaly: Anomaly | None,
    observability: Observability | None,
    *,
    entered: bool,
) -> list[Home]:
    """The platform's own namespaces, as far as the areas could be read.

    `entered` says whether a service has a way in from outside.
    """
    found = []
    if gitops:
        made = gitops.install != "none"
        found.append(Home(("gitops", "namespace"), "Flux", gitops.namespace, made))
    if mesh:
        found.append(Home(("mesh", "namespace"), "Istio", mesh.namespace, mesh.install))
        gateway = mesh.ingress
        made = entered and gateway.install and gateway.kind == "gatewayApi"
        place: Path = ("mesh", "ingress", "namespace")
        found.append(Home(place, "the gateway", gateway.namespace, made))
        if mesh.cni and mesh.install:
            place = ("mesh", "cni", "namespace")
            found.append(Home(place, "Istio's plugin", mesh.cni.namespace, mesh.cni.install))
    if chaos:
        found.append(Home(("chaos", "namespace"), "Chaos Mesh", chaos.namespace, chaos.install))
    if anomaly:
        path = ("anomaly", "namespace")
        found.append(Home(path, "the detector", anomaly.namespace, anomaly.install))
    if observability:
        path = ("observability", "namespace")
        made = observability.install and observability.create_namespace
        found.append(Home(path, "monitoring", observability.namespace, made))
    return found


def check_namespaces(
    services: Sequence[tuple[int, Service]], platform: Sequence[Home]
) -> Iterator[Problem]:
    """Nobody moves in with the cluster or the platform, and the platform's parts live apart."""
    taken = dict.fromkeys(RESERVED_NAMESPACES, "is reserved for the cluster or the platform")
    taken |= {home.namespace: f"is where {home.resident} runs" for home in platform}
    for place, service in services:
        name = service.namespace
        if name in taken or _is_clusters(name):
            what = taken.get(name, "is reserved for the cluster")
            allowed = f"a namespace of its own, none of {listed(taken)}"
            yield Problem(("services", place, "namespace"), what, allowed, name)
    made: dict[str, str] = {}
    for home in (home for home in platform if home.made):
        allowed = "a namespace of its own, which the stack makes"
        if home.namespace in made:
            what = f"is where {made[home.namespace]} runs"
            yield Problem(home.path, what, allowed, home.namespace)
        elif _is_clusters(home.namespace):
            yield Problem(home.path, "is reserved for the cluster", allowed, home.namespace)
        made.setdefault(home.namespace, home.resident)


def _is_clusters(namespace: str) -> bool:
    return namespace == "default" or namespace.startswith("kube-")
