"""What Prometheus has to scrape so that boards and rules have something to ask, as PodMonitors.

Pure. Metrics that have a label `namespace` of their own get it back as `exported_namespace`, as
boards and rules expect it: that is what the Prometheus Operator does unless told otherwise.
"""

from collections.abc import Mapping
from typing import Any

from settings.monitored import Monitored
from vocabulary.labels import NAME
from vocabulary.timing.duration import format_duration

PROXY_PORT = 15020
"""Where a sidecar hands out Envoy's series together with its agent's, certificates among them."""

_CONTROLLERS = [
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
    "source-watcher",
]


def pod_monitors(stack: Monitored) -> Mapping[str, dict[str, Any]]:
    """The `spec` of each PodMonitor, by name."""
    every = format_duration(stack.observability.scraping.interval)
    homes = sorted({service.namespace for service in stack.services})
    flux, mesh, chaos = stack.gitops.namespace, stack.mesh, stack.chaos.namespace
    controllers = {"key": "app", "operator": "In", "values": _CONTROLLERS}
    monitors = {
        "flux-controllers": _of([flux], {"matchExpressions": [controllers]}, _on(8080, every)),
        "istiod": _of([mesh.namespace], _labelled("app", "istiod"), _on(15014, every)),
        "istio-proxies": _of([*homes, mesh.ingress.namespace], {}, _proxies(every)),
        "chaos-mesh": _of(
            [chaos],
            _labelled("app.kubernetes.io/component", "controller-manager"),
            _on(10080, every),
        ),
    }
    if stack.gitops.install == "operator":
        operator = _labelled(NAME, "flux-operator")
        monitors["flux-operator"] = _of([flux], operator, _on(8080, every))
    return monitors


def _of(
    namespaces: list[str], selector: dict[str, Any], endpoint: dict[str, Any]
) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchNames": namespaces},
        "selector": selector,
        "podMetricsEndpoints": [endpoint],
    }


def _labelled(key: str, value: str) -> dict[str, Any]:
    return {"matchLabels": {key: value}}


def _on(port: int, every: str) -> dict[str, Any]:
    return {"portNumber": port, "interval": every}


def _proxies(every: str) -> dict[str, Any]:
    """Every pod with a sidecar: found by the port that it declares, asked at the other."""
    return {
        "path": "/stats/prometheus",
        "interval": every,
        "relabelings": [
            {
                "action": "keep",
                "sourceLabels": ["__meta_kubernetes_pod_container_port_name"],
                "regex": "http-envoy-prom",
            },
            {
                "action": "replace",
                "sourceLabels": ["__address__"],
                "regex": "(.+):[0-9]+",
                "replacement": f"${{1}}:{PROXY_PORT}",
                "targetLabel": "__address__",
            },
        ],
    }
