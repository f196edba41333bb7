"""The service mesh: installation, identity, access and telemetry."""

from typing import Literal

from pydantic import Field

from settings.addresses import Host, TrustDomain
from settings.charts import IstioBaseChart, IstiodChart
from settings.types import Duration, Model, duration_field
from settings.words import DnsLabel, ImageRegistry, ImageTag, Text


class MutualTls(Model):
    """Whether callers must prove who they are."""

    mode: Literal["STRICT", "PERMISSIVE"] = "STRICT"
    """`PERMISSIVE` takes plain text as well: only on the way to `STRICT`."""


class Ingress(Model):
    """The gateway that stands for the caller `ingress`."""

    namespace: DnsLabel = "istio-ingress"
    """Its namespace."""

    service_account: DnsLabel = "istio-ingress"
    """Its ServiceAccount."""


class MeshTelemetry(Model):
    """What the mesh reports."""

    metrics: bool = True
    """Request metrics for Prometheus."""

    access_logs: bool = True
    """One JSON line a request."""

    access_log_filter: Text | None = "response.code >= 400 || connection.mtls == false"
    """CEL expression that picks the requests to log; null logs all."""

    tracing: bool = True
    """Spans by OpenTelemetry."""

    tracing_percent: float = Field(1.0, ge=0, le=100)
    """Share of requests that are traced, in percent."""

    collector: Host = "otel-collector.observability.svc.cluster.local"
    """Host of the OpenTelemetry collector."""

    collector_port: int = Field(4317, ge=1, le=65535)
    """Its OTLP/gRPC port."""


class Mesh(Model):
    """The mesh area of a stack."""

    install: bool = True
    """Install Istio; false where the cluster has it already."""

    namespace: DnsLabel = "istio-system"
    """Where Istio runs; also the root namespace of mesh-wide policy."""

    base_chart: IstioBaseChart = IstioBaseChart()
    """CRDs and validation."""

    istiod_chart: IstiodChart = IstiodChart()
    """Control plane."""

    revision: DnsLabel | None = None
    """Revision or tag of the control plane that injects the namespaces; null is the unnamed one."""

    image_hub: ImageRegistry = "registry.istio.io/release"
    """Where Istio's images come from."""

    image_tag: ImageTag = "1.31.1"
    """Version of Istio's images."""

    trust_domain: TrustDomain = "cluster.local"
    """Trust domain of workload identities."""

    certificate_ttl: Duration = duration_field("24h", least="1h", most="2160h")
    """Lifetime of workload certificates; they are renewed at half of it."""

    mtls: MutualTls = MutualTls()
    """Mutual TLS."""

    pod_security: Literal["privileged", "baseline", "restricted"] = "privileged"
    """Pod security level of the services' namespaces. Istio's init container redirects traffic
    with NET_ADMIN and NET_RAW, which the stricter levels refuse: raise it where Istio CNI runs."""

    default_deny: bool = True
    """Refuse whatever no catalogue entry allows."""

    outbound: Literal["ALLOW_ANY", "REGISTRY_ONLY"] = "ALLOW_ANY"
    """Whether pods may call hosts that the mesh does not know."""

    ingress: Ingress = Ingress()
    """Who the caller `ingress` is."""

    telemetry: MeshTelemetry = MeshTelemetry()
    """Reports."""
