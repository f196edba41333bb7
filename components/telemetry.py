"""What the mesh reports: metrics, spans and access logs, and the providers that take them."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.objects import TOKEN, custom_resource, metadata
from settings.mesh import Mesh, MeshTelemetry
from vocabulary import labels
from vocabulary.kinds import TELEMETRY

_METRICS_PROVIDER = "prometheus"  # built in
_TRACING_PROVIDER = "otel"
_LOG_PROVIDER = "access-log-json"
_LOGGED = {
    "start_time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "authority": "%REQ(:AUTHORITY)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "protocol": "%PROTOCOL%",
    "response_code": "%RESPONSE_CODE%",
    "response_code_details": "%RESPONSE_CODE_DETAILS%",
    "response_flags": "%RESPONSE_FLAGS%",
    "duration": "%DURATION%",
    "upstream_service_time": "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
    "bytes_received": "%BYTES_RECEIVED%",
    "bytes_sent": "%BYTES_SENT%",
    "user_agent": "%REQ(USER-AGENT)%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "traceparent": "%REQ(TRACEPARENT)%",
    "caller": "%DOWNSTREAM_PEER_URI_SAN%",
    "downstream_remote_address": "%DOWNSTREAM_REMOTE_ADDRESS%",
    "upstream_host": "%UPSTREAM_HOST%",
    "upstream_transport_failure_reason": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
}
"""Istio's own format has no trace context and does not say who called."""


class Telemetry(pulumi.ComponentResource):
    """One Telemetry object for the mesh, or one for each namespace of a mesh that is not ours."""

    namespaces: pulumi.Output[list[str]]
    """Where there is one. Of two without a selector in one namespace, the newer is ignored."""

    def __init__(
        self,
        name: str,
        settings: Mesh,
        namespaces: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name.
            settings: The mesh.
            namespaces: The services' namespaces.
            opts: Pulumi options.
        """
        super().__init__(f"{TOKEN}:telemetry:Telemetry", name, None, opts)
        scopes = [settings.namespace] if settings.install else list(namespaces)
        for scope in scopes:
            custom_resource(
                f"{name}-{scope}",
                TELEMETRY,
                metadata(
                    "default",
                    scope,
                    part="mesh",
                    annotations=None if settings.telemetry.metrics else {labels.METRICS: "off"},
                ),
                telemetry_spec(settings.telemetry),
                pulumi.ResourceOptions(parent=self),
            )
        self.namespaces = pulumi.Output.from_input(scopes)
        self.register_outputs({"namespaces": self.namespaces})


def extension_providers(settings: MeshTelemetry) -> list[dict[str, Any]]:
    """The providers that `telemetry_spec` names, as the mesh configuration defines them."""
    providers: list[dict[str, Any]] = []
    if settings.tracing:
        collector = {"service": settings.collector, "port": settings.collector_port}
        providers.append({"name": _TRACING_PROVIDER, "opentelemetry": collector})
    if settings.access_logs:
        log = {"path": "/dev/stdout", "logFormat": {"labels": _LOGGED}}
        providers.append({"name": _LOG_PROVIDER, "envoyFileAccessLog": log})
    return providers


def telemetry_spec(settings: MeshTelemetry) -> dict[str, Any]:
    """The Telemetry's `spec`; what is off says so, or the mesh's defaults would apply."""
    return {
        "metrics": [_metrics(settings)],
        "tracing": [_tracing(settings)],
        "accessLogging": [_access_logs(settings)],
    }


def _metrics(settings: MeshTelemetry) -> dict[str, Any]:
    section: dict[str, Any] = {"providers": [{"name": _METRICS_PROVIDER}]}
    if not settings.metrics:
        section["overrides"] = [{"match": {"metric": "ALL_METRICS"}, "disabled": True}]
    return section


def _tracing(settings: MeshTelemetry) -> dict[str, Any]:
    if not settings.tracing:
        return {"disableSpanReporting": True}
    return {
        "providers": [{"name": _TRACING_PROVIDER}],
        "randomSamplingPercentage": settings.tracing_percent,
    }


def _access_logs(settings: MeshTelemetry) -> dict[str, Any]:
    if not settings.access_logs:
        return {"disabled": True}
    section: dict[str, Any] = {
        "providers": [{"name": _LOG_PROVIDER}],
        "match": {"mode": "SERVER"},
    }
    if settings.access_log_filter:
        section["filter"] = {"expression": settings.access_log_filter}
    return section
