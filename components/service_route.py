"""How the mesh carries requests to one service: its route, its versions and its circuit breaker."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.ingress import MOVED_PERMANENTLY
from components.objects import TOKEN, custom_resource, metadata
from settings.catalogue import Service
from settings.ingress import Ingress
from settings.route import Canary, HashKey, LoadBalancing, Retries, Route
from vocabulary import labels
from vocabulary.kinds import DESTINATION_RULE, VIRTUAL_SERVICE
from vocabulary.timing.duration import format_seconds

STABLE = "stable"
"""Subset that carries the traffic."""

CANARY = "canary"
"""Subset that takes a share of it."""

_SIMPLE = {"roundRobin": "ROUND_ROBIN", "leastRequest": "LEAST_REQUEST"}


class ServiceRoute(pulumi.ComponentResource):
    """The VirtualService and the DestinationRule of a catalogue service, in its namespace."""

    host: pulumi.Output[str]
    """The name that callers use."""

    subsets: pulumi.Output[list[str]]
    """The versions that can be routed to."""

    def __init__(
        self,
        name: str,
        service: Service,
        opts: pulumi.ResourceOptions | None = None,
        gateway: Ingress | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name.
            service: The catalogue's entry.
            opts: Pulumi options.
            gateway: The way in; its routes are ours where it is a Gateway of Istio's own kind.
        """
        super().__init__(f"{TOKEN}:service_route:ServiceRoute", name, None, opts)
        destination = custom_resource(
            f"{name}-destination-rule",
            DESTINATION_RULE,
            _about(service, service.name, {labels.REPLICAS: f"{service.name}={service.replicas}"}),
            destination_rule_spec(service),
            pulumi.ResourceOptions(parent=self),
        )
        if service.speaks_http:
            self._route(name, service, gateway, destination)
        self.host = pulumi.Output.from_input(service.host)
        self.subsets = pulumi.Output.from_input([item["name"] for item in _subsets(service.route)])
        self.register_outputs({"host": self.host, "subsets": self.subsets})

    def _route(
        self, name: str, service: Service, gateway: Ingress | None, destination: pulumi.Resource
    ) -> None:
        canary = splitting(service.route)
        # A route that starts to split is another object. Were it the same one, ignoring the
        # weights would keep what stood there before: none for stable, all for the canary.
        resource, route = (
            (f"{name}-virtual-service", service.name)
            if canary
            else (f"{name}-virtual-service-stable", f"{service.name}.stable")
        )
        spec = virtual_service_spec(service, gateway.istio_gateway if gateway else None)
        owned_by_others = canary and canary.owner == "operator"
        custom_resource(
            resource,
            VIRTUAL_SERVICE,
            _about(service, route),
            spec,
            pulumi.ResourceOptions(
                parent=self,
                # A route to a subset that no proxy knows yet answers 503.
                depends_on=[destination],
                ignore_changes=_weights(spec) if owned_by_others else None,
            ),
        )


def _weights(spec: Mapping[str, Any]) -> list[str]:
    """Where a VirtualService says which version gets how much."""
    return [
        f"spec.http[{index}].route[{place}].weight"
        for index, http in enumerate(spec["http"])
        for place in range(len(http.get("route", ())))
    ]


def _about(
    service: Service, name: str, annotations: Mapping[str, str] | None = None
) -> ObjectMetaArgs:
    return metadata(
        name,
        service.namespace,
        part="mesh",
        labels={labels.TARGET: service.name},
        annotations=annotations,
    )


def splitting(route: Route) -> Canary | None:
    """The canary that gets requests, if any."""
    return None if route.canary is None or route.canary.retired else route.canary


def virtual_service_spec(service: Service, gateway: str | None = None) -> dict[str, Any]:
    """The VirtualService's `spec`; one for the mesh and the gateway, so that it holds for both."""
    canary = splitting(service.route)
    carried: dict[str, Any] = {"retries": _retries(service.route.retries)}
    if service.route.timeout:
        carried["timeout"] = format_seconds(service.route.timeout)
    # In the mesh no port is named: requests go on to that which was called.
    http = [{"route": _destinations({"host": service.host}, canary), **carried}]
    if gateway is None or service.ingress is None:
        return {"hosts": [service.host], "http": http}
    first = {"host": service.host, "port": {"number": service.port}}
    outside = {
        "match": [{"gateways": [gateway]}],
        "route": _destinations(first, canary),
        **carried,
    }
    away = {
        "match": [{"gateways": [gateway], "port": 80}],
        "redirect": {"scheme": "https", "redirectCode": MOVED_PERMANENTLY},
    }
    redirects = [away] if service.ingress.https_redirect else []
    return {
        "hosts": [service.host, *service.ingress.hosts],
        "gateways": ["mesh", gateway],
        "http": [*redirects, outside, *http],
    }


def destination_rule_spec(service: Service) -> dict[str, Any]:
    """The DestinationRule's `spec`."""
    pool, breaker = service.route.connection_pool, service.route.outlier_detection
    return {
        "host": service.host,
        "trafficPolicy": {
            "loadBalancer": _load_balancer(service.route.load_balancing),
            "connectionPool": {
                "tcp": {
                    "maxConnections": pool.max_connections,
                    "connectTimeout": format_seconds(pool.connect_timeout),
                },
                "http": {
                    "http1MaxPendingRequests": pool.max_pending_requests,
                    "http2MaxRequests": pool.max_requests,
                    "maxRequestsPerConnection": pool.max_requests_per_connection,
                },
            },
            "outlierDetection": {
                "consecutive5xxErrors": breaker.consecutive_5xx_errors,
                "interval": format_seconds(breaker.interval),
                "baseEjectionTime": format_seconds(breaker.base_ejection_time),
                "maxEjectionPercent": breaker.max_ejection_percent,
            },
        },
        "subsets": _subsets(service.route),
    }


def _destinations(to: Mapping[str, Any], canary: Canary | None) -> list[dict[str, Any]]:
    if canary is None:
        return [{"destination": {**to}}]
    shares = {STABLE: 100 - canary.weight, CANARY: canary.weight}
    return [
        {"destination": {**to, "subset": subset}, "weight": share}
        for subset, share in shares.items()
    ]


def _retries(retries: Retries) -> dict[str, Any]:
    if not retries.attempts:
        return {"attempts": 0}
    spec = {
        "attempts": retries.attempts,
        "backoff": format_seconds(retries.backoff),
        "retryOn": ",".join(retries.retry_on),
    }
    if retries.per_try_timeout:
        spec["perTryTimeout"] = format_seconds(retries.per_try_timeout)
    return spec


def _load_balancer(settings: LoadBalancing) -> dict[str, Any]:
    if settings.hash_key:
        return {"consistentHash": _hash_key(settings.hash_key)}
    return {"simple": _SIMPLE[settings.algorithm]}


def _hash_key(key: HashKey) -> dict[str, Any]:
    if key.header:
        return {"httpHeaderName": key.header}
    if key.query_parameter:
        return {"httpQueryParameterName": key.query_parameter}
    return {"useSourceIp": True}


def _subsets(route: Route) -> list[dict[str, Any]]:
    if route.canary is None:
        return []
    versions = {CANARY: route.canary.canary_version, STABLE: route.canary.stable_version}
    return [
        {"name": subset, "labels": {labels.VERSION: version}}
        for subset, version in versions.items()
    ]
