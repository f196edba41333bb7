"""What must hold between the mesh, the catalogue and what watches experiments.

A check yields problems; what services owe each other is `settings.checks`' concern.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from settings.catalogue import Service
from settings.chaos import Chaos
from settings.ingress import ServiceIngress
from settings.mesh import Mesh
from settings.problems import EDIT, REMOVE, Problem, listed, nearest
from settings.recurring import HealthValidation
from settings.route import Route
from settings.schema import Path
from vocabulary.timing.retries import NOT_EXECUTED


def check_mesh(services: Sequence[tuple[int, Service]], mesh: Mesh) -> Iterator[Problem]:
    """The mesh can do what the catalogue says, and is about nothing else."""
    yield from _check_ingress(services, mesh)
    yield from _check_revisions(services, mesh)


def _check_ingress(services: Sequence[tuple[int, Service]], mesh: Mesh) -> Iterator[Problem]:
    """Each host leads to one service, and the gateway can keep what the service declares."""
    owners: dict[str, str] = {}
    inside = {f"{service.name}.{service.namespace}": service.name for _, service in services}
    for place, service in services:
        if service.ingress is None:
            continue
        path: Path = ("services", place, "ingress")
        for index, host in enumerate(service.ingress.hosts):
            if host in inside:
                what = f"is {inside[host]}'s name in the cluster"
                yield Problem((*path, "hosts", index), what, "a name that is known outside", host)
            owner = owners.setdefault(host, service.name)
            if owner != service.name:
                what, allowed = f"leads to {owner} already", "a host that no other service has"
                yield Problem((*path, "hosts", index), what, allowed, host)
        if mesh.ingress.kind == "istioGateway" and service.ingress.tls:
            yield Problem(
                (*path, "tls"),
                f"has no effect: the servers of the Gateway {mesh.ingress.istio_gateway} say which "
                "certificates it has",
                "none, and credentialName in that Gateway",
                remedy=REMOVE,
            )
        if service.ingress.https_redirect and (missing := _no_redirect(service.ingress, mesh)):
            what, allowed = missing
            yield Problem((*path, "httpsRedirect"), what, allowed, True, remedy=REMOVE)
        if mesh.ingress.kind == "gatewayApi" and (lost := [*_beyond_gateway_api(service.route)]):
            yield Problem(
                path,
                f"leads through an HTTPRoute, which cannot keep the {' and '.join(lost)} of "
                f"{service.name}'s route",
                f"neither, or mesh.ingress.kind istioGateway, where {service.name}'s "
                "VirtualService holds at the gateway too",
                remedy=EDIT,
            )


def _check_revisions(services: Sequence[tuple[int, Service]], mesh: Mesh) -> Iterator[Problem]:
    """What moves to the next control plane is a namespace of the catalogue."""
    known = {service.namespace for _, service in services}
    for place, name in enumerate(mesh.next.namespaces if mesh.next else ()):
        if name not in known:
            path = ("mesh", "next", "namespaces", place)
            what = f"has no service of the catalogue{nearest(name, known)}"
            yield Problem(path, what, f"one of {listed(known)}", name)


def check_health(
    chaos: Chaos | None, services: Sequence[tuple[int, Service]], mesh: Mesh | None
) -> Iterator[Problem]:
    """What watches experiments is an address that can answer, as far as the stack decides that."""
    if chaos is None or mesh is None:
        return
    places: list[tuple[Path, HealthValidation | None]] = [(("chaos", "health"), chaos.health)]
    for key, listed_there in (("schedules", chaos.schedules), ("workflows", chaos.workflows)):
        places += [
            (("chaos", key, place, "health"), each.health)
            for place, each in enumerate(listed_there)
        ]
    for path, health in places:
        if health and (wrong := _unanswered(urlsplit(health.url), services, mesh)):
            yield Problem((*path, "url"), *wrong, health.url)


def _unanswered(
    url: SplitResult, services: Sequence[tuple[int, Service]], mesh: Mesh
) -> tuple[str, str] | None:
    """Why an address does not answer, and what would."""
    host = (url.hostname or "").removesuffix(".cluster.local").removesuffix(".svc")
    gateway = mesh.ingress
    hosts = [name for _, each in services if each.ingress for name in each.ingress.hosts]
    is_ours = gateway.kind == "gatewayApi" and gateway.install
    if is_ours and host == f"{gateway.name}.{gateway.namespace}":
        allowed = (
            f"one of {listed(hosts)}"
            if hosts
            else "a host of a service with `ingress`; or mesh.ingress.install false, where a "
            "gateway is there already that answers"
        )
        return "is the gateway by its own name, which none of its routes has", allowed
    for _, each in services:
        if host != f"{each.name}.{each.namespace}":
            continue
        port = url.port or (443 if url.scheme == "https" else 80)
        if mesh.mtls.mode == "STRICT" and port not in [p.port for p in each.plain_ports]:
            what = "takes nothing but mutual TLS, and the controller that asks has none"
            allowed = "an address that leads through the gateway; or plainText"
            return f"is {each.name}, which {what}", f"{allowed} for port {port} of {each.name}"
    return None


def _no_redirect(ingress: ServiceIngress, mesh: Mesh) -> tuple[str, str] | None:
    """Why nobody can send callers on to HTTPS, and what would; None where somebody can."""
    gateway = mesh.ingress
    if gateway.kind == "controller":
        allowed = "none, and what the controller goes by in mesh.ingress.annotations"
        return "is not for Ingresses, which cannot say it", allowed
    if gateway.kind == "gatewayApi" and not gateway.install:
        allowed = "none, and an HTTPRoute with a RequestRedirect beside that gateway"
        return "needs to know the listeners of the gateway, which is another's", allowed
    if gateway.kind == "gatewayApi" and ingress.tls is None:
        return "leads to HTTPS, for which there is no certificate", "tls beside it, or none"
    return None


def _beyond_gateway_api(route: Route) -> Iterator[str]:
    """What HTTPRoutes do not carry to Istio: subsets, and conditions of retries."""
    if route.canary:
        yield "canary"
    conditions = {*route.retries.retry_on} - {*NOT_EXECUTED}
    if route.retries.attempts == 0 or conditions:
        yield "retries"
