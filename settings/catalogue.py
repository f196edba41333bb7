"""The service catalogue: everything the platform knows about a service, declared once.

From an entry follow the mesh route and circuit breaker, who may call it, which experiments may hit
it, and which series the detector watches.
"""

from pydantic import Field, model_validator

from settings.ingress import ServiceIngress
from settings.route import Route
from settings.types import Duration, Model, broken_rule, duration_field
from settings.words import Digest, DnsLabel, ImageMention, ImageName, ImageTag, ServiceName

ALL = 100


class Slo(Model):
    """What the service promises."""

    availability_percent: float = Field(99.9, ge=93.1, lt=100)
    """Share of requests answered without a server error, over 30 days. Below 93.1 not even a total
    outage uses the budget up 14.4 times too fast, which is what the alert for it waits for."""

    latency_p95: Duration = duration_field("500ms", least="1ms", most="1m")
    """The 95th percentile of the answer time."""


class ImagePin(Model):
    """The image that Flux puts into the service's workload."""

    name: ImageMention
    """Image name as the manifests in Git write it."""

    new_name: ImageName | None = None
    """Other registry or repository to take it from."""

    new_tag: ImageTag | None = None
    """Tag; a digest is safer."""

    digest: Digest | None = None
    """Digest, `sha256:` and 64 hexadecimal digits."""

    @model_validator(mode="after")
    def _says_something(self) -> "ImagePin":
        if not (self.new_name or self.new_tag or self.digest):
            raise ValueError("give at least one of newName, newTag and digest")
        return self


class Service(Model):
    """One entry of the catalogue."""

    name: ServiceName
    """Name of the Kubernetes Service, of its workload, and of the pods' `app` label."""

    namespace: DnsLabel
    """Namespace of the service; it becomes part of the mesh."""

    port: int = Field(ge=1, le=65535)
    """Port of the Kubernetes Service that speaks HTTP."""

    container_port: int | None = Field(None, ge=1, le=65535)
    """Port of the containers behind `port`, the Service's targetPort; the same when not given.
    Access rules match this one, because a proxy sees the port of its pod, not of the Service."""

    replicas: int = Field(2, ge=1, le=1000)
    """Pods that Flux keeps; experiments leave at least one of them alone."""

    service_account: DnsLabel | None = None
    """ServiceAccount of the pods, by which others know it; the service's name when not given."""

    callers: tuple[str, ...] = ()
    """Names of the catalogue services that may call it, and `ingress` for the gateway. Nobody
    else may."""

    ingress: ServiceIngress | None = None
    """How it is reached from outside; null leaves that to others. Makes `ingress` a caller."""

    route: Route = Route()
    """Mesh route, retries, canary, load balancing, limits and circuit breaker."""

    slo: Slo = Slo()
    """Objectives."""

    image: ImagePin | None = None
    """Image for Flux to set; null keeps what Git says."""

    chaos: bool = False
    """Whether experiments may hit it."""

    @model_validator(mode="after")
    def _breaker_can_open(self) -> "Service":
        percent = self.route.outlier_detection.max_ejection_percent
        if self.replicas > 1 and self.replicas * percent < ALL:
            raise broken_rule(
                f"{percent} % of {self.replicas} replicas is less than one pod, so the circuit "
                f"breaker never opens: write {-(-ALL // self.replicas)} or more",
                "route",
                "outlierDetection",
                "maxEjectionPercent",
            )
        return self

    @property
    def admitted(self) -> tuple[str, ...]:
        """Whom the catalogue lets in by name: its callers, and the gateway of its way in."""
        through = (INGRESS,) if self.ingress and INGRESS not in self.callers else ()
        return (*self.callers, *through)

    @property
    def host(self) -> str:
        """The service's name in the cluster's DNS."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"

    @property
    def listening_port(self) -> int:
        """The port on which its pods listen."""
        return self.container_port or self.port

    @property
    def identity(self) -> str:
        """The ServiceAccount that its pods run as."""
        return self.service_account or self.name


INGRESS = "ingress"
"""The caller that stands for the mesh's ingress gateway."""
