"""The services of the catalogue, as they are in the cluster."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.cluster import Object
from ops.cluster.objects import is_true, labels, lookup, matches
from ops.doctor.document import Check
from ops.doctor.room import Room, unwell, well
from vocabulary.kinds import GATEWAY, HTTP_ROUTE, POD, SERVICE, SERVICE_ACCOUNT
from vocabulary.labels import APP, VERSION

STABLE, CANARY = "stable", "canary"
HTTP = ("http", "http2", "https", "grpc", "grpc-web")
"""What a port's name begins with, or its appProtocol is, so that Istio sees requests in it."""

INGRESS = "ingress"


def services(room: Room) -> Iterator[Check]:
    """Each is there, named as routes need it, with pods that the routes select."""
    for service in room.stack.services:
        name, namespace = str(service.get("name")), str(service.get("namespace"))
        problems = list(_problems(room, service, name, namespace))
        for found, remedy in problems:
            yield unwell(found, remedy, name=name)
        if not problems:
            yield well(f"is ready in {namespace}", name=name)


def _problems(
    room: Room, service: Mapping[str, Any], name: str, namespace: str
) -> Iterator[tuple[str, str]]:
    there = room.cluster.one(SERVICE, namespace, name)
    if there is None:
        found = f"there is no Service {namespace}/{name}"
        yield found, "deploy it before its routes, or take it out of the catalogue"
        return
    if lookup(there, "spec", "type") == "ExternalName":
        yield "its Service is an ExternalName, behind which are no pods", "give it a selector"
        return
    for each in (service, *(service.get("furtherPorts") or ())):
        yield from _of_port(there, each.get("port"), each.get("protocol") or "http")
    account = str(service.get("serviceAccount") or name)
    if room.cluster.one(SERVICE_ACCOUNT, namespace, account) is None:
        found = f"there is no ServiceAccount {namespace}/{account}"
        yield found, "create it and let the pods run as it: access rules name it"
    selector = lookup(there, "spec", "selector") or {}
    pods = [pod for pod in room.cluster.all(POD, namespace=namespace) if _is_of(pod, selector)]
    yield from _of_pods(pods, service, name)


def _of_port(there: Object, port: object, protocol: str) -> Iterator[tuple[str, str]]:
    ports = {each.get("port"): each for each in lookup(there, "spec", "ports") or ()}
    if port not in ports:
        known = ", ".join(map(str, ports)) or "none"
        yield (
            f"its Service has no port {port}, but {known}",
            "set port in the catalogue to one of them",
        )
        return
    named = str(ports[port].get("appProtocol") or ports[port].get("name") or "")
    is_http = named.partition("-")[0] in HTTP
    if protocol == "tcp" and is_http:
        found = f"its port {port} is named {named!r}, and the catalogue says tcp"
        yield found, "name it tcp-..., or take protocol: tcp out of the catalogue"
    elif protocol != "tcp" and not is_http:
        yield (
            f"its port {port} is named {named or 'nothing'!r}, which names no kind of HTTP",
            f"name it {protocol}-..., or set appProtocol: {protocol}; else it is treated as TCP",
        )


def _of_pods(
    pods: list[Object], service: Mapping[str, Any], name: str
) -> Iterator[tuple[str, str]]:
    if not pods:
        yield "its Service selects no pod", "start its workload"
        return
    if any(labels(pod).get(APP) != name for pod in pods):
        yield (
            f"pods lack the label {APP}: {name}",
            "set it in the pod template: routes select on it",
        )
    versions = [labels(pod).get(VERSION) for pod in pods if is_true(pod, "Ready")]
    if lookup(service, "route", "canary") and STABLE not in versions:
        yield (
            f"no ready pod has the label {VERSION}: {STABLE}",
            "set it in the pod template: without, the route's requests are answered with 503",
        )
    weight = lookup(service, "route", "canary", "weight")
    if weight and CANARY not in versions:
        yield (
            f"{weight} % go to a canary, and no ready pod has {VERSION}: {CANARY}",
            "start a canary, or set route.canary: null",
        )
    wanted = service.get("replicas")
    if isinstance(wanted, int) and len(versions) < wanted:
        yield f"{len(versions)} of {wanted} replicas are ready", "scale it, or correct replicas"


def _is_of(pod: Object, selector: Mapping[str, str]) -> bool:
    is_over = lookup(pod, "status", "phase") in ("Succeeded", "Failed")
    return bool(selector) and not is_over and matches(selector, labels(pod))


def gateway(room: Room) -> Iterator[Check]:
    """There is a gateway where services are called from outside."""
    called = [
        str(each.get("name"))
        for each in room.stack.services
        if INGRESS in (each.get("callers") or ()) or each.get("ingress")
    ]
    if not called:
        return
    if (kind := _undefined(room)) is not None:
        found = f"the cluster has no {kind}, which ways in through Gateway API need"
        remedy = "install Gateway API's definitions (its standard channel), or set mesh.ingress"
        yield unwell(found, remedy)
        return
    home = str(room.stack.says("mesh", "ingress", "namespace"))
    pods = [pod for pod in room.cluster.all(POD, namespace=home) if is_true(pod, "Ready")]
    gateways = room.cluster.all(GATEWAY)
    if pods:
        yield well(f"{len(pods)} ready pods in {home}")
    elif gateways:
        where = sorted({each["metadata"]["namespace"] for each in gateways})
        found = f"no ready pod in {home}; Gateways are in {', '.join(where)}"
        yield unwell(found, "set mesh.ingress to where the gateway runs")
    else:
        found = f"{', '.join(called)} are called by ingress, and {home} has no ready pod"
        yield unwell(found, "install a gateway there, or set mesh.ingress")


def _undefined(room: Room) -> str | None:
    """A kind of Gateway API that the stack writes and the cluster does not know."""
    entered = any(each.get("ingress") for each in room.stack.services)
    if not entered or room.stack.says("mesh", "ingress", "kind") != "gatewayApi":
        return None
    unknown = [kind for kind in (GATEWAY, HTTP_ROUTE) if not room.served(kind)]
    return f"kind {unknown[0].kind} of {unknown[0].group}" if unknown else None
