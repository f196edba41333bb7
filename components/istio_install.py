"""Istio itself: its namespace, definitions and control plane, and the settings of the whole mesh.

Objects of Istio's kinds depend on this component: a ready istiod answers the validation webhook.
"""

from typing import Any

import pulumi

from components.objects import TOKEN, namespace
from components.release import release
from components.telemetry import extension_providers
from settings.mesh import Cni, Mesh, MeshTelemetry, Proxy
from vocabulary import labels
from vocabulary.timing.duration import format_duration

_VALIDATION = {"validationFailurePolicy": "Fail"}
"""Closed from the start; the charts' default lets everything pass until istiod changes it."""

_STARTUP_SECONDS = 60
"""How long a proxy may take to start before it is started anew. Istio's own ten minutes are how
long a pod would stay broken after a `podFailure`: that swaps the images of native sidecars too, and
kubelet looks at the image of one that never started only when its startup probe has failed."""

_RECORDED_STATS = [
    rf"cluster\.outbound.*\.{series}"
    for series in (
        r"outlier_detection\.ejections_(active|enforced_total)",
        r"circuit_breakers\.default\.(cx|rq_pending)_open",
        "upstream_rq_retry",
        "upstream_rq_pending_overflow",
        "upstream_cx_(active|overflow)",
    )
]
"""What boards and alerts ask, for what a proxy calls. Proxies drop most of Envoy's own series; each
of these is one for every service that a proxy knows."""


class IstioInstall(pulumi.ComponentResource):
    """Istio's control plane."""

    namespace: pulumi.Output[str]
    """Where Istio runs, whoever installed it; also the root namespace of mesh-wide objects."""

    version: pulumi.Output[str]
    """Version of the images; `external` when the cluster brings its own Istio."""

    def __init__(
        self, name: str, settings: Mesh, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TOKEN}:istio_install:IstioInstall", name, None, opts)
        if settings.install:
            self._controllers(settings)
        self.namespace = pulumi.Output.from_input(settings.namespace)
        version = settings.image_tag if settings.install else "external"
        self.version = pulumi.Output.from_input(version)
        self.register_outputs({"namespace": self.namespace, "version": self.version})

    def _controllers(self, settings: Mesh) -> None:
        home = namespace(
            settings.namespace,
            pulumi.ResourceOptions(parent=self),
            labels={labels.POD_SECURITY: "restricted"},
        )
        base = release(
            "istio-base",
            settings.base_chart,
            settings.namespace,
            base_values(settings),
            pulumi.ResourceOptions(parent=self, depends_on=[home]),
        )
        ready: list[pulumi.Resource] = [base]
        if settings.cni and settings.cni.install:
            ready.append(self._cni(settings, settings.cni))
        after = pulumi.ResourceOptions(parent=self, depends_on=ready)
        release(
            _name(settings.revision),
            settings.istiod_chart,
            settings.namespace,
            istiod_values(settings),
            after,
        )
        if newer := settings.next:
            changed = {"revision": newer.revision, "image_tag": newer.image_tag}
            release(
                _name(newer.revision),
                newer.istiod_chart,
                settings.namespace,
                istiod_values(settings.model_copy(update=changed)),
                after,
            )

    def _cni(self, settings: Mesh, cni: Cni) -> pulumi.Resource:
        home = namespace(
            cni.namespace,
            pulumi.ResourceOptions(parent=self),
            labels={labels.POD_SECURITY: "privileged"},
        )
        return release(
            "istio-cni",
            cni.chart,
            cni.namespace,
            {"global": {"hub": settings.image_hub, "tag": settings.image_tag}},
            pulumi.ResourceOptions(parent=self, depends_on=[home]),
        )


def _name(revision: str | None) -> str:
    """A control plane's release: it stays the same when `next` becomes the one that is there."""
    return f"istiod-{revision}" if revision else "istiod"


def base_values(settings: Mesh) -> dict[str, Any]:
    """Values of the base chart: definitions and the default validation webhook."""
    return {
        "defaultRevision": settings.revision or "default",
        "global": {"istioNamespace": settings.namespace},
        "base": _VALIDATION,
    }


def istiod_values(settings: Mesh) -> dict[str, Any]:
    """Values of the istiod chart: control plane, mesh configuration and proxies."""
    lifetime = format_duration(settings.certificate_ttl)
    return {
        "revision": settings.revision or "",
        "global": {
            "hub": settings.image_hub,
            "tag": settings.image_tag,
            "istioNamespace": settings.namespace,
            "proxy": {
                "resources": _proxy_resources(settings.proxy),
                "startupProbe": {"enabled": True, "failureThreshold": _STARTUP_SECONDS},
                # For namespaces that are `restricted`; else as the node does by itself.
                **({"seccompProfile": {"type": "RuntimeDefault"}} if settings.cni else {}),
            },
        },
        "base": _VALIDATION,
        **_plugin(settings.cni),
        # Two of at most five: the chart makes a disruption budget only then, and one may go.
        "autoscaleMin": 2,
        "seccompProfile": {"type": "RuntimeDefault"},
        "env": {"DEFAULT_WORKLOAD_CERT_TTL": lifetime},
        "meshConfig": {
            "trustDomain": settings.trust_domain,
            "outboundTrafficPolicy": {"mode": settings.outbound},
            "accessLogFile": "",  # logs are the Telemetry objects' business, with their filters
            "extensionProviders": extension_providers(settings.telemetry),
            "defaultConfig": {
                "holdApplicationUntilProxyStarts": True,
                # A proxy asks for this lifetime; the control plane's own holds for who asks none.
                "proxyMetadata": {"SECRET_TTL": lifetime},
                **_statistics(settings.telemetry),
            },
        },
    }


def _plugin(cni: Cni | None) -> dict[str, Any]:
    """That pods have no init container with rights of its own."""
    return {"cni": {"enabled": True}} if cni else {}


def _statistics(telemetry: MeshTelemetry) -> dict[str, Any]:
    if not telemetry.proxy_statistics:
        return {}
    return {"proxyStatsMatcher": {"inclusionRegexps": _RECORDED_STATS}}


def _proxy_resources(proxy: Proxy) -> dict[str, Any]:
    return {
        "requests": {"cpu": proxy.cpu_request, "memory": proxy.memory_request},
        "limits": {"cpu": proxy.cpu_limit, "memory": proxy.memory_limit},
    }
