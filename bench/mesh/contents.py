"""What a cluster with a catalogue of any size holds: the mesh's objects, Services and endpoints."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.program.catalogue import SERVICES, stack_of
from ops.delivery.rendering.stacks import readable, registered

GROUPS = ("networking.istio.io/", "security.istio.io/", "telemetry.istio.io/")
PORT = 8080
Manifest = dict[str, Any]


def catalogue(size: int) -> dict[str, Any]:
    """The prod stack with this many services, each called by the two before it."""
    values = stack_of(size)
    services = values["config"][SERVICES]
    added = [each for each in services if each["name"].startswith("service-")]
    for place, each in enumerate(added):
        each["callers"] = [other["name"] for other in added[max(0, place - 2) : place]]
    values["config"]["brisa-platform:chaos"] = {}
    return values


def mesh_objects(values: Mapping[str, Any]) -> list[Manifest]:
    """What the program emits of Istio's kinds."""
    return [
        dict(each.inputs)
        for each in registered("prod", readable(values)).values()
        if str(each.inputs.get("apiVersion", "")).startswith(GROUPS)
    ]


def services_of(values: Mapping[str, Any]) -> Iterator[Manifest]:
    """Namespaces, and a Service with one endpoint for each entry."""
    services = values["config"][SERVICES]
    for name in sorted({each["namespace"] for each in services} | {"istio-system"}):
        labels = {} if name == "istio-system" else {"istio-injection": "enabled"}
        yield _made("v1", "Namespace", name, None, metadata={"labels": labels})
    for place, each in enumerate(services):
        name, home, port = each["name"], each["namespace"], each["port"]
        ports = [{"name": "http", "port": port}]
        yield _made("v1", "Service", name, home, spec={"ports": ports, "selector": {"app": name}})
        address = f"10.{100 + place // 62500}.{place // 250 % 250}.{place % 250 + 1}"
        yield _made(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            name,
            home,
            metadata={"labels": {"kubernetes.io/service-name": name}},
            addressType="IPv4",
            ports=ports,
            endpoints=[{"addresses": [address], "conditions": {"ready": True}}],
        )


def _made(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None,
    *,
    metadata: Mapping[str, Any] | None = None,
    **body: Any,
) -> Manifest:
    about = {"name": name, **(metadata or {})}
    if namespace:
        about["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": about, **body}
