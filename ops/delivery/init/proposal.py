"""What a cluster says of the stack that is to come into it: the catalogue, and what is there.

Read from Services, Deployments, HorizontalPodAutoscalers and VirtualServices. Who calls whom
inside the cluster stands in none of them: only what a gateway sends is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.cluster import Cluster, Object
from ops.cluster.objects import labels, lookup, matches
from ops.delivery.init.draft import ADOPTED, Live
from ops.delivery.init.questions import Answers
from ops.doctor.platform import INSTALLED, image_of, servers, serves
from ops.doctor.workloads import HTTP, INGRESS, SERVICE
from vocabulary.kinds import DEPLOYMENT, PROMETHEUS_RULE, VIRTUAL_SERVICE, Kind

AUTOSCALER = Kind("autoscaling/v2", "HorizontalPodAutoscaler")
MESH = "mesh"
"""The gateway that stands for the proxies themselves."""

PLATFORM = ("default", "kube-system", "kube-public", "kube-node-lease", "flux-system",
            "istio-system", "istio-ingress", "chaos-mesh", "monitoring")  # fmt: skip
"""Namespaces of the cluster and the platform; what runs there is in no catalogue."""


@dataclass(frozen=True)
class Proposal:
    """What a cluster proposes."""

    answers: Answers = field(default_factory=dict)
    """Question -> answer."""

    live: Live = field(default_factory=dict)
    """What more is known of its services."""

    left_out: Sequence[str] = ()
    """Which Services are not in the catalogue, and why."""


def propose(cluster: Cluster) -> Proposal:
    """Look at a cluster; nothing is changed."""
    deployments = cluster.all(DEPLOYMENT)
    routes = cluster.all(VIRTUAL_SERVICE) if serves(cluster, VIRTUAL_SERVICE) else []
    scalers = cluster.all(AUTOSCALER)
    live: dict[tuple[str, str], dict[str, Any]] = {}
    ports: dict[tuple[str, str], int] = {}
    left_out = []
    for service in cluster.all(SERVICE):
        where = service["metadata"]["namespace"], service["metadata"]["name"]
        if where[0] in PLATFORM:
            continue
        workload = next((each for each in deployments if _runs(each, service)), None)
        port = next(_http(service), None)
        if workload is None or port is None:
            lacks = "no Deployment has its pods" if port else "no port of it is named as HTTP"
            left_out.append(f"{'/'.join(where)}: {lacks}")
            continue
        ports[where] = port["port"]
        live[where] = dict(_known(where, port, workload, scalers, routes))
    reached = [name for (home, name) in live if _entered(home, name, routes)]
    answers = {
        "context": cluster.name,
        "services": ",".join(f"{'/'.join(where)}:{port}" for where, port in ports.items()),
        "calls": ",".join(f"{INGRESS}:{name}" for name in reached),
        "adopt": ",".join(_there(deployments)),
        "rules": "prometheusOperator" if serves(cluster, PROMETHEUS_RULE) else "configMap",
    }
    if found := servers(cluster, "Prometheus"):
        answers["prometheus"] = f"http://{found[0]}.svc.cluster.local:9090"
    return Proposal({key: text for key, text in answers.items() if text}, live, left_out)


def _there(deployments: Sequence[Object]) -> Iterator[str]:
    for name, (area, _) in ADOPTED.items():
        if image_of(deployments, INSTALLED[area][2]):
            yield name


def _runs(deployment: Object, service: Object) -> bool:
    selector = lookup(service, "spec", "selector")
    same = deployment["metadata"]["namespace"] == service["metadata"]["namespace"]
    return bool(selector) and same and matches(selector, labels(_template(deployment)))


def _template(deployment: Object) -> Mapping[str, Any]:
    return lookup(deployment, "spec", "template") or {}


def _http(service: Object) -> Iterator[Mapping[str, Any]]:
    for port in lookup(service, "spec", "ports") or ():
        named = str(port.get("appProtocol") or port.get("name") or "")
        if named.partition("-")[0] in HTTP:
            yield port


def _known(
    where: tuple[str, str],
    port: Mapping[str, Any],
    workload: Object,
    scalers: Sequence[Object],
    routes: Sequence[Object],
) -> Iterator[tuple[str, Any]]:
    """What the catalogue says of a service beside its name and port."""
    target = _number(port.get("targetPort"), workload)
    if target not in (None, port["port"]):
        yield "containerPort", target
    scaler = _scaler(workload, scalers)
    yield "replicas", _replicas(workload, scaler)
    if scaler:  # else Flux would take its number back at every interval
        yield "autoscaled", True
    account = lookup(_template(workload), "spec", "serviceAccountName")
    if account not in (None, where[1]):
        yield "serviceAccount", account
    timeouts = [lookup(route, "spec", "http", 0, "timeout") for route in _to(*where, routes)]
    if given := next(filter(None, timeouts), None):
        yield "route", {"timeout": given}


def _number(target: object, workload: Object) -> object:
    """The port of the containers: named ports stand in the pod template."""
    if not isinstance(target, str):
        return target
    for container in lookup(_template(workload), "spec", "containers") or ():
        for port in container.get("ports") or ():
            if port.get("name") == target:
                return port.get("containerPort")
    return None


def _scaler(workload: Object, scalers: Sequence[Object]) -> Object | None:
    """The autoscaler of a Deployment, if it has one."""
    meta = workload["metadata"]
    for scaler in scalers:
        target = lookup(scaler, "spec", "scaleTargetRef") or {}
        here = scaler["metadata"]["namespace"] == meta["namespace"]
        if here and (target.get("kind"), target.get("name")) == ("Deployment", meta["name"]):
            return scaler
    return None


def _replicas(workload: Object, scaler: Object | None) -> int:
    """The least that an autoscaler keeps, else what the Deployment says."""
    if scaler:
        return int(lookup(scaler, "spec", "minReplicas") or 1)
    replicas = lookup(workload, "spec", "replicas")
    return 1 if replicas is None else int(replicas)


def _to(namespace: str, name: str, routes: Sequence[Object]) -> Iterator[Object]:
    """The routes that send something to a service."""
    for route in routes:
        home = route["metadata"]["namespace"]
        for each in lookup(route, "spec", "http") or ():
            hosts = [lookup(to, "destination", "host") for to in each.get("route") or ()]
            full = [host if "." in str(host) else f"{host}.{home}" for host in hosts]
            if any(str(host).split(".")[:2] == [name, namespace] for host in full):
                yield route
                break


def _entered(namespace: str, name: str, routes: Sequence[Object]) -> bool:
    """Whether a gateway sends requests to a service."""
    gateways = [lookup(route, "spec", "gateways") or () for route in _to(namespace, name, routes)]
    return any(gateway != MESH for each in gateways for gateway in each)
