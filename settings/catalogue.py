"""The service catalogue: everything the platform knows about a service, declared once.

From an entry follow the mesh route and circuit breaker, who may call it, which experiments may hit
it, and which series the detector watches.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.addresses import Network
from settings.ingress import ServiceIngress
from settings.route import Route
from settings.types import GRPC_CONDITIONS, Day, Duration, Model, Once, broken_rule, duration_field
from settings.words import Digest, DnsLabel, ImageMention, ImageName, ImageTag, ServiceName, Text
from vocabulary.timing.duration import format_duration

ALL = 100

PROXYS_PORTS = frozenset({15000, 15001, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090})
"""Ports on which the proxy beside each pod listens."""

LONGEST_STATEFUL_NAME = 52
"""A label of a StatefulSet's pods is its name and a hash, in 63 characters."""


class Slo(Model):
    """What the service promises."""

    availability_percent: float = Field(99.9, ge=93.1, le=99.999)
    """Share of requests answered without a server error, over 30 days. Below 93.1 not even a total
    outage uses the budget up 14.4 times too fast, which is what the alert for it waits for; above
    99.999 single requests do."""

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
        if self.digest and set(self.digest.removeprefix("sha256:")) == {"0"}:
            raise broken_rule("is all zeros, which no image has", "digest")
        return self


Protocol = Literal["http", "http2", "grpc", "tcp"]
PortNumber = Annotated[int, Field(ge=1, le=65535)]


class ServicePort(Model):
    """A port of a service beside its first."""

    port: PortNumber
    """Port of the Kubernetes Service."""

    container_port: PortNumber | None = None
    """Port of the containers behind it; the same when not given."""

    protocol: Protocol = "http"
    """What it speaks; name the port in the Service, or set its appProtocol, accordingly."""

    @property
    def listening(self) -> int:
        """The port on which pods listen."""
        return self.container_port or self.port


class ExternalCaller(Model):
    """Somebody outside the catalogue who may call: a job, a neighbour, Prometheus in the mesh."""

    namespace: DnsLabel
    """Namespace of the caller, whose pods must be in the mesh: it is known by its certificate."""

    service_account: DnsLabel | None = None
    """ServiceAccount that it runs as; null lets everybody of the namespace in."""

    ports: Annotated[tuple[PortNumber, ...], Once] = ()
    """Ports of the service that it may call; none means all."""


class PlainText(Model):
    """A way past mutual TLS, for somebody who must call and has no sidecar. Others keep theirs."""

    reason: Text
    """Why, for those who review it."""

    until: Day
    """Last day, `YYYY-MM-DD`. The day after, the preview refuses it."""

    sources: Annotated[tuple[Network, ...], Once] = Field(min_length=1)
    """Networks from which it is called: who has no certificate is known by nothing else."""

    ports: Annotated[tuple[PortNumber, ...], Once] = ()
    """Ports of the service that take plain text; none means all."""


class Service(Model):
    """One entry of the catalogue."""

    name: ServiceName
    """Name of the Kubernetes Service, of its workload, and of the pods' `app` label."""

    namespace: DnsLabel
    """Namespace of the service; it becomes part of the mesh."""

    port: PortNumber
    """Port of the Kubernetes Service."""

    protocol: Protocol = "http"
    """What `port` speaks; name it in the Service, or set its appProtocol, accordingly. Requests are
    routed, retried and split where they are HTTP in one of its versions, which gRPC is too."""

    further_ports: tuple[ServicePort, ...] = ()
    """Further ports of the Service; callers may use them all."""

    container_port: PortNumber | None = None
    """Port of the containers behind `port`, the Service's targetPort; the same when not given.
    Access rules match this one, because a proxy sees the port of its pod, not of the Service."""

    replicas: int = Field(2, ge=1, le=1000)
    """Pods that Flux keeps; experiments leave at least one of them alone. With `autoscaled` the
    fewest that the autoscaler keeps."""

    autoscaled: bool = False
    """Whether a HorizontalPodAutoscaler owns the number of pods; Flux then leaves it alone, even
    where Git says one."""

    workload: Literal["Deployment", "StatefulSet"] = "Deployment"
    """Kind of the workload, which has the service's name."""

    service_account: DnsLabel | None = None
    """ServiceAccount of the pods, by which others know it; the service's name when not given."""

    callers: tuple[str, ...] = ()
    """Names of the catalogue services that may call it, and `ingress` for the gateway. Nobody
    else may, but for `externalCallers`."""

    external_callers: Annotated[tuple[ExternalCaller, ...], Once] = ()
    """Who may call it from outside the catalogue."""

    plain_text: PlainText | None = None
    """Its opt-out of `mesh.mtls`; null takes nothing but mutual TLS."""

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
    def _ports_differ(self) -> "Service":
        seen = {self.port}
        for index, each in enumerate(self.further_ports):
            if each.port in seen:
                raise broken_rule(
                    "is a port of this service already", "furtherPorts", index, "port"
                )
            seen.add(each.port)
        named: dict[tuple[str | int, ...], tuple[int, ...]] = {
            ("externalCallers", index): caller.ports
            for index, caller in enumerate(self.external_callers)
        }
        named[("plainText",)] = self.plain_text.ports if self.plain_text else ()
        for key, ports in named.items():
            for place, port in enumerate(ports):
                if port not in seen:
                    text = f"is no port of this service, which has {sorted(seen)}"
                    raise broken_rule(text, *key, "ports", place)
        return self

    @model_validator(mode="after")
    def _containers_listen_once(self) -> "Service":
        """One port of a pod speaks one protocol, and is not the proxy's."""
        spoken: dict[int, str] = {}
        for place, each in enumerate(self.ports):
            key: tuple[str | int, ...] = ("furtherPorts", place - 1) if place else ()
            key = (*key, "containerPort" if each.container_port else "port")
            if each.listening in PROXYS_PORTS:
                raise broken_rule(f"leads to {each.listening}, which the proxy listens on", *key)
            if spoken.setdefault(each.listening, each.protocol) != each.protocol:
                what = f"leads to {each.listening}, which speaks {spoken[each.listening]}"
                raise broken_rule(what, *key)
        return self

    @model_validator(mode="after")
    def _promise_can_be_broken(self) -> "Service":
        """What is ended at a timeout is never slower."""
        timeout, promised = self.route.timeout, self.slo.latency_p95
        said = "latency_p95" in self.slo.model_fields_set
        if said and self.speaks_http and timeout and promised >= timeout:
            raise broken_rule(
                f"is not below route.timeout, {format_duration(timeout)}, at which every request "
                "ends: no request could break it",
                "slo",
                "latencyP95",
            )
        return self

    @model_validator(mode="after")
    def _pods_can_be_labelled(self) -> "Service":
        if self.workload == "StatefulSet" and len(self.name) > LONGEST_STATEFUL_NAME:
            what = f"is longer than {LONGEST_STATEFUL_NAME}: no pod of a StatefulSet could start"
            raise broken_rule(what, "name")
        return self

    @model_validator(mode="after")
    def _requests_are_routed(self) -> "Service":
        """What is about requests needs a port that carries some."""
        if self.protocol == "tcp" and self.ingress:
            raise broken_rule("leads to `port`, which speaks tcp: it needs HTTP", "ingress")
        given = self.route.model_fields_set & {"timeout", "retries", "canary"}
        said: list[tuple[str, ...]] = [
            (key,) for key in sorted(given) if getattr(self.route, key) is not None
        ]
        hashed = self.route.load_balancing.hash_key
        if hashed and not hashed.source_ip:
            said.append(("loadBalancing", "hashKey"))
        if said and not self.speaks_http:
            raise broken_rule("is about requests, of which tcp knows none", "route", *said[0])
        return self

    @model_validator(mode="after")
    def _retries_are_of_its_protocol(self) -> "Service":
        asked = self.route.retries.retry_on
        if any(each.protocol == "grpc" for each in self.ports):
            return self
        for place, condition in enumerate(asked):
            if condition in GRPC_CONDITIONS:
                what = "is what only gRPC answers, which no port of the service speaks"
                raise broken_rule(what, "route", "retries", "retryOn", place)
        return self

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
    def ports(self) -> tuple[ServicePort, ...]:
        """All its ports, the first one first."""
        first = ServicePort(
            port=self.port, container_port=self.container_port, protocol=self.protocol
        )
        return (first, *self.further_ports)

    @property
    def plain_ports(self) -> tuple[ServicePort, ...]:
        """The ports that take plain text as well."""
        if self.plain_text is None:
            return ()
        chosen = self.plain_text.ports
        return tuple(each for each in self.ports if not chosen or each.port in chosen)

    @property
    def speaks_http(self) -> bool:
        """Whether any of its ports carries requests."""
        return any(each.protocol != "tcp" for each in self.ports)

    @property
    def identity(self) -> str:
        """The ServiceAccount that its pods run as."""
        return self.service_account or self.name


INGRESS = "ingress"
"""The caller that stands for the mesh's ingress gateway."""
