"""The service catalogue: everything the platform knows about a service, declared once.

From an entry follow the mesh route and circuit breaker, who may call it, which experiments may hit
it, and which series the detector watches.
"""

from typing import Literal

from pydantic import Field, model_validator

from settings.types import DnsLabel, Duration, Model, Percent, RetryCondition, duration_field
from timing.duration import format_duration
from timing.retries import longest_request


class Retries(Model):
    """How often the mesh tries a failed request again."""

    attempts: int = Field(3, ge=0, le=10)
    """Retries after the first try; 0 turns off also the retries that Istio does by itself."""

    per_try_timeout: Duration = duration_field("2s", least="10ms", most="1m")
    """Limit of one try."""

    backoff: Duration = duration_field("100ms", least="1ms", most="10s")
    """Base of the exponential pause between tries."""

    retry_on: tuple[RetryCondition, ...] = (
        "connect-failure",
        "refused-stream",
        "reset",
        "unavailable",
        "503",
    )
    """Envoy retry conditions or status codes. `reset` is what makes a try that ran into its limit
    be tried again; such a try may have done its work: leave it out where that must not happen
    twice."""


class Canary(Model):
    """A second version that takes a share of the traffic."""

    weight: Percent = 10
    """Share of requests, in percent, that goes to `canary_version`; the rest is stable's."""

    owner: Literal["operator", "stack"] = "operator"
    """Who moves the weight after creation. `operator`: a person or rollout controller; the stack
    only sets where it starts and never moves it back. `stack`: this value, at every `up`."""

    canary_version: str = Field("canary", min_length=1)
    """Value of the pods' `version` label that makes up the subset `canary`."""


class HashKey(Model):
    """What consistent hashing keys on; exactly one."""

    header: str | None = None
    """Name of an HTTP header."""

    query_parameter: str | None = None
    """Name of a query parameter."""

    source_ip: bool = False
    """The caller's address."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "HashKey":
        given = [self.header, self.query_parameter, self.source_ip or None]
        if sum(key is not None for key in given) != 1:
            raise ValueError("give exactly one of header, queryParameter and sourceIp: true")
        return self


class LoadBalancing(Model):
    """How requests are spread over the pods."""

    algorithm: Literal["roundRobin", "leastRequest", "consistentHash"] = "leastRequest"
    """`leastRequest` is Istio's own default: best under uneven load."""

    hash_key: HashKey | None = None
    """Needed for, and only for, `consistentHash`."""

    @model_validator(mode="after")
    def _key_fits(self) -> "LoadBalancing":
        if (self.algorithm == "consistentHash") != (self.hash_key is not None):
            raise ValueError("hashKey goes with algorithm consistentHash, and only with it")
        return self


class ConnectionPool(Model):
    """How much a caller may have under way at once; what is over is refused at once (503 UO)."""

    max_connections: int = Field(100, ge=1, le=100_000)
    """TCP connections to all pods of the service."""

    connect_timeout: Duration = duration_field("1s", least="10ms", most="30s")
    """Limit for opening a connection."""

    max_pending_requests: int = Field(100, ge=1, le=100_000)
    """Requests that wait for a connection."""

    max_requests: int = Field(1000, ge=1, le=1_000_000)
    """Requests under way."""

    max_requests_per_connection: int = Field(0, ge=0, le=1_000_000)
    """Requests after which a connection is closed; 0 means no limit, so keep-alive works."""


class OutlierDetection(Model):
    """The circuit breaker: when a failing pod is taken out, and for how long."""

    consecutive_5xx_errors: int = Field(5, ge=1, le=1000, alias="consecutive5xxErrors")
    """Errors in a row that eject a pod."""

    interval: Duration = duration_field("30s", least="1s", most="10m")
    """How often pods are judged."""

    base_ejection_time: Duration = duration_field("30s", least="1s", most="1h")
    """First ejection; each further one lasts longer by as much."""

    max_ejection_percent: int = Field(50, ge=1, le=100)
    """Share of pods that may be out at once."""


class Route(Model):
    """How the mesh carries requests to a service."""

    timeout: Duration = duration_field("10s", least="10ms", most="1h")
    """Limit of a whole request with all its retries; Istio itself has none."""

    retries: Retries = Retries()
    """Retry policy."""

    stable_version: str = Field("stable", min_length=1)
    """Value of the pods' `version` label that makes up the subset `stable`."""

    canary: Canary | None = Canary()
    """Traffic split; null sends everything to stable."""

    load_balancing: LoadBalancing = LoadBalancing()
    """Spread over pods."""

    connection_pool: ConnectionPool = ConnectionPool()
    """Bulkhead."""

    outlier_detection: OutlierDetection = OutlierDetection()
    """Circuit breaker."""

    retired_subsets: tuple[DnsLabel, ...] = ()
    """Versions no longer routed to whose subset stays one more `up`: a subset that goes together
    with its route answers 503 until every proxy has both changes."""

    @model_validator(mode="after")
    def _timeout_bounds_retries(self) -> "Route":
        retries = self.retries
        needed = longest_request(retries.attempts, retries.per_try_timeout, retries.backoff)
        if self.timeout < needed:
            raise ValueError(
                f"timeout {format_duration(self.timeout)} ends before {retries.attempts + 1} "
                f"tries of {format_duration(retries.per_try_timeout)} and their pauses can: raise "
                f"it to {format_duration(needed)} or more, or lower attempts, perTryTimeout or "
                "backoff of the retries"
            )
        return self


class Slo(Model):
    """What the service promises."""

    availability_percent: float = Field(99.9, ge=50, lt=100)
    """Share of requests answered without a server error, over 30 days."""

    latency_p95: Duration = duration_field("500ms", least="1ms", most="1m")
    """The 95th percentile of the answer time."""


class ImagePin(Model):
    """The image that Flux puts into the service's workload."""

    name: str = Field(min_length=1)
    """Image name as the manifests in Git write it."""

    new_name: str | None = None
    """Other registry or repository to take it from."""

    new_tag: str | None = None
    """Tag; a digest is safer."""

    digest: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")
    """Digest, `sha256:` and 64 hexadecimal digits."""

    @model_validator(mode="after")
    def _says_something(self) -> "ImagePin":
        if not (self.new_name or self.new_tag or self.digest):
            raise ValueError("give at least one of newName, newTag and digest")
        return self


class Service(Model):
    """One entry of the catalogue."""

    name: DnsLabel
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

    route: Route = Route()
    """Mesh route, retries, canary, load balancing, limits and circuit breaker."""

    slo: Slo = Slo()
    """Objectives."""

    image: ImagePin | None = None
    """Image for Flux to set; null keeps what Git says."""

    chaos: bool = False
    """Whether experiments may hit it."""

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
