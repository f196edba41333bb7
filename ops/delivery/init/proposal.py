"""What a cluster says of the stack that is to come into it: the catalogue, and what is there.

Read from Services, Deployments, StatefulSets, HorizontalPodAutoscalers and VirtualServices. Who
calls whom inside the cluster stands in none of them: only what a gateway sends is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.cluster import Cluster, Object
from ops.cluster.objects import labels, lookup, matches
from ops.delivery.init.draft import ADOPTED, Live
from ops.delivery.init.questions import Answers
from ops.doctor.monitoring import servers
from ops.doctor.operators import INSTALLED, image_of
from ops.doctor.room import Room
from ops.doctor.workloads import INGRESS
from vocabulary.kinds import (
    AUTOSCALER,
    DEPLOYMENT,
    PROMETHEUS_RULE,
    SERVICE,
    STATEFUL_SET,
    VIRTUAL_SERVICE,
)

MESH = "mesh"
"""The gateway that stands for the proxies themselves."""

TCP = "tcp"
PROTOCOLS = {"http": "http", "http2": "http2", "grpc": "grpc", "grpc-web": "http"}
"""What a port's name begins with -> what the catalogue calls it; all else is bytes to it."""

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
    room, deployments = Room(cluster), cluster.all(DEPLOYMENT)
    workloads = [*deployments, *cluster.all(STATEFUL_SET)]
    routes = cluster.all(VIRTUAL_SERVICE)
    scalers = cluster.all(AUTOSCALER)
    live: dict[tuple[str, str], dict[str, Any]] = {}
    services, entered, left_out = [], [], []
    for service in cluster.all(SERVICE):
        home, name = service["metadata"]["namespace"], service["metadata"]["name"]
        if home in PLATFORM:
            continue
        workload = next((each for each in workloads if _runs(each, service)), None)
        ports = sorted(_ports(service, workload), key=lambda port: port["protocol"] == TCP)
        if workload is None or not ports or workload["metadata"]["name"] != name:
            left_out.append(f"{home}/{name}: {_why(workload, ports)}")
            continue
        first, *further = ports
        services.append(f"{home}/{name}:{first.pop('port')}")
        known = {**first, "furtherPorts": further, **_known(name, workload, scalers)}
        its = [route for route in routes if _leads_to(route, home, name)]
        if its and (timeout := lookup(its[0], "spec", "http", 0, "timeout")):
            known["route"] = {"timeout": timeout}
        if any(each != MESH for route in its for each in lookup(route, "spec", "gateways") or ()):
            entered.append(f"{INGRESS}:{name}")
        live[home, name] = {key: value for key, value in known.items() if value not in ([], None)}
    answers = {
        "context": cluster.name,
        "services": ",".join(services),
        "calls": ",".join(entered),
        "adopt": ",".join(_there(deployments)),
        "rules": "prometheusOperator" if room.served(PROMETHEUS_RULE) else "configMap",
    }
    if found := servers(cluster, "Prometheus"):
        answers["prometheus"] = f"http://{found[0]}.svc.cluster.local:9090"
    return Proposal({key: text for key, text in answers.items() if text}, live, left_out)


def _why(workload: Object | None, ports: Sequence[object]) -> str:
    if workload is None:
        return "no Deployment or StatefulSet has its pods"
    if not ports:
        return "no port of it has a name, which says what it speaks"
    return (
        f"its workload is named {workload['metadata']['name']}; the catalogue has one name for both"
    )


def _there(deployments: Sequence[Object]) -> Iterator[str]:
    for name, (area, _) in ADOPTED.items():
        if image_of(deployments, INSTALLED[area][2]):
            yield name


def _runs(workload: Object, service: Object) -> bool:
    selector = lookup(service, "spec", "selector")
    same = workload["metadata"]["namespace"] == service["metadata"]["namespace"]
    return bool(selector) and same and matches(selector, labels(_template(workload)))


def _template(workload: Object) -> Mapping[str, Any]:
    return lookup(workload, "spec", "template") or {}


def _ports(service: Object, workload: Object | None) -> Iterator[dict[str, Any]]:
    """The ports that have a name, as the catalogue has them."""
    for port in lookup(service, "spec", "ports") or ():
        if named := str(port.get("appProtocol") or port.get("name") or ""):
            spoken = PROTOCOLS.get(named.partition("-")[0], TCP)
            found = {"port": port["port"], "protocol": spoken}
            target = _number(port.get("targetPort"), workload or {})
            yield found if target in (None, port["port"]) else {**found, "containerPort": target}


def _known(name: str, workload: Object, scalers: Sequence[Object]) -> dict[str, Any]:
    """What the catalogue says of a workload."""
    scaler = next((each for each in scalers if _scales(each, workload)), None)
    replicas = lookup(workload, "spec", "replicas")
    account = lookup(_template(workload), "spec", "serviceAccountName")
    kind = workload["kind"]
    return {
        "replicas": (lookup(scaler, "spec", "minReplicas") or 1) if scaler else replicas,
        "autoscaled": True if scaler else None,
        "workload": None if kind == DEPLOYMENT.kind else kind,
        "serviceAccount": None if account == name else account,
    }


def _scales(scaler: Object, workload: Object) -> bool:
    target = lookup(scaler, "spec", "scaleTargetRef") or {}
    here = scaler["metadata"]["namespace"]
    return (target.get("kind"), here, target.get("name")) == (
        workload["kind"],
        workload["metadata"]["namespace"],
        workload["metadata"]["name"],
    )


def _number(target: object, workload: Object) -> object:
    """The port of the containers: named ports stand in the pod template."""
    if not isinstance(target, str):
        return target
    for container in lookup(_template(workload), "spec", "containers") or ():
        for port in container.get("ports") or ():
            if port.get("name") == target:
                return port.get("containerPort")
    return None


def _leads_to(route: Object, namespace: str, name: str) -> bool:
    """Whether a route sends something to a service."""
    home = route["metadata"]["namespace"]
    hosts = [
        str(lookup(to, "destination", "host"))
        for each in lookup(route, "spec", "http") or ()
        for to in each.get("route") or ()
    ]
    full = (host if "." in host else f"{host}.{home}" for host in hosts)
    return any(host.split(".")[:2] == [name, namespace] for host in full)
