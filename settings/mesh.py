"""The service mesh: installation, identity, access and telemetry."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.addresses import ServerHost, SidecarHost, TrustDomain
from settings.charts import IstioBaseChart, IstioCniChart, IstiodChart
from settings.ingress import Ingress
from settings.quantities import Cpu, Memory, mebibytes, thousandths
from settings.types import Duration, Model, Once, broken_rule, duration_field
from settings.words import DnsLabel, ImageRegistry, ImageTag, RequestFilter


class MutualTls(Model):
    """Whether callers must prove who they are."""

    mode: Literal["STRICT", "PERMISSIVE"] = "STRICT"
    """`PERMISSIVE` takes plain text as well: only on the way to `STRICT`."""


class MeshTelemetry(Model):
    """What the mesh reports."""

    metrics: bool = True
    """Request metrics for Prometheus."""

    access_logs: bool = True
    """One JSON line a request with its trace context, written by the proxy of the service that is
    called: the caller's side cannot know whether a request came by mutual TLS."""

    access_log_filter: RequestFilter | None = "response.code >= 400 || connection.mtls == false"
    """CEL expression that picks the requests to log; null logs all."""

    proxy_statistics: bool = False
    """Whether proxies record what boards ask about circuit breakers, retries and connections: six
    series of each proxy for every service that it may call. Nothing else of Envoy's own is."""

    tracing: bool = True
    """Spans by OpenTelemetry."""

    tracing_percent: float = Field(1.0, ge=0, le=100)
    """Share of requests that are traced, in percent."""

    collector: ServerHost = "otel-collector.observability.svc.cluster.local"
    """Host of the OpenTelemetry collector."""

    collector_port: int = Field(4317, ge=1, le=65535)
    """Its OTLP/gRPC port."""


LEAST_MEMORY = 64
"""Mebibytes below which a proxy does not start."""


class Proxy(Model):
    """What the proxy beside each pod may use."""

    cpu_request: Cpu = "100m"
    """CPU that is set aside for it."""

    cpu_limit: Cpu = "2"
    """CPU that it gets at most."""

    memory_request: Memory = "128Mi"
    """Memory that is set aside for it."""

    memory_limit: Memory = "1Gi"
    """Memory above which it is killed. It grows with the services that it knows."""

    @model_validator(mode="after")
    def _requests_within_limits(self) -> "Proxy":
        if thousandths(self.cpu_request) > thousandths(self.cpu_limit):
            raise broken_rule("is more than cpuLimit", "cpuRequest")
        if mebibytes(self.memory_request) > mebibytes(self.memory_limit):
            raise broken_rule("is more than memoryLimit", "memoryRequest")
        if mebibytes(self.memory_limit) < LEAST_MEMORY:
            raise broken_rule(
                f"is less than {LEAST_MEMORY}Mi, which Envoy alone needs", "memoryLimit"
            )
        return self


class Cni(Model):
    """Istio's network plugin: pods start without the rights that redirecting traffic takes."""

    install: bool = True
    """Install it; false where the cluster has it already."""

    namespace: DnsLabel = "istio-cni"
    """Where it is installed: a namespace of its own, as it runs privileged on every node."""

    chart: IstioCniChart = IstioCniChart()
    """The plugin."""


class NextControlPlane(Model):
    """A second control plane beside the first, to which namespaces move one by one."""

    revision: DnsLabel
    """Its revision, another than `mesh.revision`: 1-32-0, say."""

    image_tag: ImageTag
    """Version of its images."""

    istiod_chart: IstiodChart
    """Its chart, of that version."""

    namespaces: Annotated[tuple[DnsLabel, ...], Once] = ()
    """Namespaces of the catalogue that it injects; their pods change over when restarted."""


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
    """Revision of the control plane that injects the namespaces; null is the unnamed one. Where
    Istio is there already, its revision or a tag of it."""

    next: NextControlPlane | None = None
    """A newer control plane beside that one, for an upgrade namespace by namespace."""

    data_plane: Literal["sidecar"] = "sidecar"
    """How pods join: with a sidecar each. Ambient mode is not among it, as retries, breakers,
    canaries and who called whom are kept and counted by the caller's own proxy here."""

    cni: Cni | None = None
    """Istio's network plugin; null redirects traffic by an init container in each pod."""

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
    with NET_ADMIN and NET_RAW, which the stricter levels refuse: raise it with `cni`."""

    default_deny: bool = True
    """Refuse whatever no catalogue entry allows."""

    outbound: Literal["ALLOW_ANY", "REGISTRY_ONLY"] = "ALLOW_ANY"
    """Whether pods may call hosts that the mesh does not know."""

    catalogue_only: bool = True
    """Whether proxies know only what the catalogue lets their namespace call, so that their
    configuration grows with the calls and not with the square of the services. False tells every
    proxy about every service."""

    reachable: Annotated[tuple[SidecarHost, ...], Once] = ()
    """Further hosts that proxies know, as `namespace/host`: services of the mesh outside the
    catalogue. What a proxy does not know it passes on as it is, without mutual TLS."""

    proxy: Proxy = Proxy()
    """What proxies may use."""

    ingress: Ingress = Ingress()
    """The way in, and who the caller `ingress` is."""

    telemetry: MeshTelemetry = MeshTelemetry()
    """Reports."""

    @model_validator(mode="after")
    def _pods_may_start(self) -> "Mesh":
        if self.install and self.cni is None and self.pod_security != "privileged":
            raise broken_rule(
                "refuses the init container that Istio adds to every pod, so that none starts: "
                "write privileged, or set cni",
                "podSecurity",
            )
        return self

    @model_validator(mode="after")
    def _next_is_another(self) -> "Mesh":
        if self.next is None:
            return self
        if not self.install:
            raise broken_rule("is for a control plane that the stack installs", "next")
        if self.next.revision == (self.revision or "default"):
            raise broken_rule("is the revision that is there already", "next", "revision")
        return self

    def revision_of(self, namespace: str) -> str | None:
        """The revision that injects a namespace; None is the unnamed one."""
        moved = self.next is not None and namespace in self.next.namespaces
        return self.next.revision if self.next and moved else self.revision
