"""Where a controller's Helm chart comes from, and the pinned defaults of each."""

from collections.abc import Mapping
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
        for path, owner in self.OWNED.items():
            place: Any = self.values
            for step in path.split("."):
                place = place.get(step, NOTHING) if isinstance(place, dict) else NOTHING
            if place is not NOTHING:
                raise broken_rule(
                    f"sets {path}, which would undo what the platform needs: {owner}", "values"
                )
        return self


NOTHING = object()


class FluxOperatorChart(Chart):
    """The Flux Operator."""

    chart: Line = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator"
    version: ExactVersion | None = "0.59.0"


class IstioBaseChart(Chart):
    """Istio's CRDs and validation."""

    OWNED = {"global.istioNamespace": "mesh.namespace says it"}

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
        "pilot.env.ENABLE_AUTO_MTLS": "mutual TLS between services rests on it",
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
    }

    chart: Line = "chaos-mesh"
    repository: BaseUrl | None = "https://charts.chaos-mesh.org"
    version: ExactVersion | None = "2.8.3"
