"""Where a controller's Helm chart comes from, and the pinned defaults of each."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, ClassVar

from pydantic import model_validator

from settings.addresses import BaseUrl
from settings.types import Model, broken_rule
from settings.words import ExactVersion, Line


class Chart(Model):
    """A pinned Helm chart and the values that a stack lays over the platform's own."""

    chart: Line
    """Chart name in `repository`, an `oci://` reference, or a path that begins with `./`."""

    repository: BaseUrl | None = None
    """Helm repository; not used for paths and `oci://` references."""

    version: ExactVersion | None = None
    """Exact chart version; a path needs none."""

    values: dict[str, Any] = {}
    """Chart values of this stack; they win over the platform's own, key by key, and null takes a
    default of the chart away."""

    skip_await: bool = False
    """Do not wait until the release's workloads are ready: for clusters that run no pods."""

    OWNED: ClassVar[Mapping[str, str]] = {}
    """Values that a stack does not set here, and where it says what it wants."""

    OWNED_WHERE_PODS_RUN: ClassVar[Mapping[str, str]] = {}
    """The same, but for `skipAwait`: where no controller runs, nobody answers its webhooks."""

    @property
    def is_path(self) -> bool:
        """Whether the chart lies on disk."""
        return self.chart.startswith(".") or PurePath(self.chart).is_absolute()

    @model_validator(mode="after")
    def _pinned(self) -> "Chart":
        if not self.is_path and not self.version:
            raise broken_rule("is missing; pin the exact chart version", "version")
        if not (self.is_path or self.chart.startswith("oci://") or self.repository):
            raise broken_rule("is missing; name the Helm repository of the chart", "repository")
        return self

    @model_validator(mode="after")
    def _values_leave_the_area_alone(self) -> "Chart":
        if dotted := next((key for key in self.values if "." in key), None):
            what = f"is one key with dots in it, which no chart reads: nest {dotted}, step by step"
            raise broken_rule(what, "values", dotted)
        owned = self.OWNED if self.skip_await else {**self.OWNED, **self.OWNED_WHERE_PODS_RUN}
        for path, owner in owned.items():
            if sets(self.values, path.split(".")):
                raise broken_rule(
                    f"sets {path}, which would undo what the platform needs: {owner}", "values"
                )
        return self


def sets(values: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Whether values say something else at a path, or take away what it is part of."""
    first, *rest = path
    if first not in values:
        return False
    inner = values[first]
    return sets(inner, rest) if rest and isinstance(inner, dict) else True


class FluxOperatorChart(Chart):
    """The Flux Operator."""

    OWNED = {
        "installCRDs": "Flux cannot be described without its definitions",
    }

    chart: Line = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator"
    version: ExactVersion | None = "0.59.0"


class IstioBaseChart(Chart):
    """Istio's CRDs and validation."""

    OWNED = {"global.istioNamespace": "mesh.namespace says it"}
    OWNED_WHERE_PODS_RUN = {
        "base.validationFailurePolicy": "what istiod has not looked at must not pass",
        "defaultRevision": "mesh.revision says it",
    }

    chart: Line = "base"
    repository: BaseUrl | None = "https://istio-release.storage.googleapis.com/charts"
    version: ExactVersion | None = "1.31.1"


class IstiodChart(Chart):
    """Istio's control plane."""

    OWNED = {
        "global.istioNamespace": "mesh.namespace says it",
        "global.hub": "mesh.imageHub says it",
        "global.tag": "mesh.imageTag says it",
        "revision": "mesh.revision says it",
        "cni.enabled": "mesh.cni says it",
        "meshConfig.enableAutoMtls": "mutual TLS between services rests on it",
        "meshConfig.trustDomain": "mesh.trustDomain says it",
        "meshConfig.outboundTrafficPolicy": "mesh.outbound says it",
        "meshConfig.extensionProviders": "mesh.telemetry says it; a list replaces the whole",
        "meshConfig.rootNamespace": "it is mesh.namespace",
        "meshConfig.trustDomainAliases": "who is known by another's certificate may call as well",
        "meshConfig.discoverySelectors": "namespaces of services that it leaves out have no mesh",
        "global.mtls": "mesh.mtls says it",
        "global.proxy.image": "mesh.imageHub says where it is from",
        "global.proxy_init.image": "mesh.imageHub says where it is from",
        "env.PILOT_SKIP_VALIDATE_TRUST_DOMAIN": "certificates of other meshes would pass",
        "pilot.env.PILOT_SKIP_VALIDATE_TRUST_DOMAIN": "certificates of other meshes would pass",
        "pilot.env.ENABLE_AUTO_MTLS": "mutual TLS between services rests on it",
        "env.ENABLE_AUTO_MTLS": "mutual TLS between services rests on it",
        "env.DEFAULT_WORKLOAD_CERT_TTL": "mesh.certificateTtl says it",
        "profile": "the platform's values are laid over the chart's own",
        **dict.fromkeys(
            (
                "global.proxy.autoInject",
                "sidecarInjectorWebhook.enableNamespacesByDefault",
                "sidecarInjectorWebhook.neverInjectSelector",
                "sidecarInjectorWebhook.alwaysInjectSelector",
            ),
            "every pod of a service's namespace, and no other, has a proxy",
        ),
        **dict.fromkeys(
            (
                f"global.proxy.{key}"
                for key in (
                    "includeIPRanges",
                    "excludeIPRanges",
                    "includeInboundPorts",
                    "excludeInboundPorts",
                    "includeOutboundPorts",
                    "excludeOutboundPorts",
                )
            ),
            "what goes past the proxy is neither encrypted nor refused",
        ),
        "global.proxy.privileged": "a proxy needs no rights of its node",
    }
    OWNED_WHERE_PODS_RUN = {
        "base.validationFailurePolicy": "what istiod has not looked at must not pass",
        "global.configValidation": "what istiod has not looked at must not pass",
        "global.operatorManageWebhooks": "without webhooks no pod gets a proxy",
    }

    chart: Line = "istiod"
    repository: BaseUrl | None = "https://istio-release.storage.googleapis.com/charts"
    version: ExactVersion | None = "1.31.1"


class IstioCniChart(Chart):
    """Istio's network plugin, which redirects traffic from outside the pods."""

    OWNED = {
        "global.hub": "mesh.imageHub says it",
        "global.tag": "mesh.imageTag says it",
        "ambient.enabled": "pods of the catalogue have sidecars: mesh.dataPlane says it",
    }

    chart: Line = "cni"
    repository: BaseUrl | None = "https://istio-release.storage.googleapis.com/charts"
    version: ExactVersion | None = "1.31.1"


class ChaosMeshChart(Chart):
    """Chaos Mesh."""

    OWNED = {
        "controllerManager.enableFilterNamespace": "only namespaces that opt in may be hit",
        "clusterScoped": "experiments are in the services' namespaces",
        "dashboard.securityMode": "without it everybody who reaches the dashboard may do anything",
        "dashboard.service.type": "the dashboard is reached by kubectl port-forward",
        "dashboard.ingress": "the dashboard is reached by kubectl port-forward",
        **dict.fromkeys(
            (
                f"controllerManager.env.{name}"
                for name in (
                    "ENABLE_FILTER_NAMESPACE",
                    "CLUSTER_SCOPED",
                    "TARGET_NAMESPACE",
                    "ALLOW_HOST_NETWORK_TESTING",
                )
            ),
            "the chart sets it from the platform's values",
        ),
        "controllerManager.allowHostNetworkTesting": "a fault of a node hits all its pods",
        "controllerManager.targetNamespace": "experiments are in the services' namespaces",
        "controllerManager.enableCtrlServer": "it lets everybody who reaches it kill processes",
        "chaosDaemon.privileged": "the daemon needs the capabilities that the chart lists, no more",
        "chaosDaemon.mtls": "without it every pod can command the daemons",
        "enableProfiling": "it shows the controller's memory to everybody who reaches it",
        "dnsServer.create": "it is there when a fault needs it",
        "bpfki": "no fault that the platform offers needs it",
        "chaosDlv": "a debugger of the controller may do anything",
    }
    OWNED_WHERE_PODS_RUN = {
        "webhook": "what the controller has not looked at must not pass",
    }

    chart: Line = "chaos-mesh"
    repository: BaseUrl | None = "https://charts.chaos-mesh.org"
    version: ExactVersion | None = "2.8.3"
