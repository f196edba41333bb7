"""The way in: by which hosts a service is reached from outside, and through which gateway."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.addresses import PublicHost
from settings.types import Model, Once, broken_rule
from settings.words import DnsLabel, LabelKey, Line


class Issuer(Model):
    """Who signs certificates: an issuer of cert-manager."""

    kind: Literal["ClusterIssuer", "Issuer"] = "ClusterIssuer"
    """Its kind; an `Issuer` is in the namespace of the Secret."""

    name: DnsLabel
    """Its name."""


class IngressTls(Model):
    """How the gateway proves who it is."""

    secret_name: DnsLabel
    """Secret with certificate and key (`tls.crt`, `tls.key`): in the gateway's namespace, for an
    ingress controller in the service's."""

    issuer: Issuer | None = None
    """Issuer from which cert-manager fills the Secret and renews it; null where you do."""


class ServiceIngress(Model):
    """How a service is reached from outside the cluster."""

    hosts: Annotated[tuple[PublicHost, ...], Once] = Field(min_length=1)
    """Names by which it is called; the gateway sends requests to them here."""

    tls: IngressTls | None = None
    """Certificate for those hosts, which are then answered on port 443 only; null answers plain
    HTTP on port 80. At a gateway of Istio's own kind TLS is that gateway's business."""

    https_redirect: bool = False
    """Whether plain HTTP is answered with where HTTPS is, 301, instead of not at all."""


class Ingress(Model):
    """The gateway that stands for the caller `ingress`."""

    kind: Literal["gatewayApi", "istioGateway", "controller"] = "gatewayApi"
    """What routes are written for. `gatewayApi`: HTTPRoutes, which carry hosts and the timeout.
    `istioGateway`: the service's VirtualService, so that retries and canary hold there too.
    `controller`: Ingresses for another controller, whose pods must be in the mesh."""

    name: DnsLabel = "istio-ingress"
    """Name of the Gateway in `namespace`, of whichever kind; the controller's IngressClass."""

    namespace: DnsLabel = "istio-ingress"
    """Where the gateway or controller runs."""

    service_account: DnsLabel = "istio-ingress"
    """ServiceAccount that it runs as; access rules let it in, and nobody else from outside."""

    install: bool = True
    """For `gatewayApi`: make the namespace and a Gateway of Istio's class, whose proxy istiod then
    runs; false where there is one. Only while a service has `ingress`. The definitions of Gateway
    API must be in the cluster."""

    annotations: dict[LabelKey, Line] = {}
    """For `controller`: annotations of its Ingresses; `{host}` is the service's name in the
    cluster, for controllers that must be told to call that instead of pods."""

    @model_validator(mode="after")
    def _annotations_are_for_a_controller(self) -> "Ingress":
        if self.annotations and self.kind != "controller":
            raise broken_rule("goes with kind controller, and only with it", "annotations")
        return self

    @property
    def istio_gateway(self) -> str | None:
        """The Gateway of Istio's own kind, as VirtualServices name it."""
        return f"{self.namespace}/{self.name}" if self.kind == "istioGateway" else None
