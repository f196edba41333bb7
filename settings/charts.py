"""Where a controller's Helm chart comes from, and the pinned defaults of each."""

from pathlib import PurePath
from typing import Any

from pydantic import Field, model_validator

from settings.types import HttpUrl, Model


class Chart(Model):
    """A pinned Helm chart and the values that a stack lays over the platform's own."""

    chart: str = Field(min_length=1)
    """Chart name in `repository`, an `oci://` reference, or a path that begins with `./`."""

    repository: HttpUrl | None = None
    """Helm repository; not used for paths and `oci://` references."""

    version: str | None = None
    """Exact chart version; a path needs none."""

    values: dict[str, Any] = {}
    """Chart values of this stack; they win over the platform's own, key by key."""

    skip_await: bool = False
    """Do not wait until the release's workloads are ready: for clusters that run no pods."""

    @property
    def is_path(self) -> bool:
        """Whether the chart lies on disk."""
        return self.chart.startswith(".") or PurePath(self.chart).is_absolute()

    @model_validator(mode="after")
    def _pinned(self) -> "Chart":
        if not self.is_path and not self.version:
            raise ValueError("version is missing; pin the exact chart version")
        if not (self.is_path or self.chart.startswith("oci://") or self.repository):
            raise ValueError("repository is missing; name the Helm repository of the chart")
        return self


class FluxOperatorChart(Chart):
    """The Flux Operator."""

    chart: str = "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator"
    version: str | None = "0.59.0"


class IstioBaseChart(Chart):
    """Istio's CRDs and validation."""

    chart: str = "base"
    repository: HttpUrl | None = "https://istio-release.storage.googleapis.com/charts"
    version: str | None = "1.31.1"


class IstiodChart(Chart):
    """Istio's control plane."""

    chart: str = "istiod"
    repository: HttpUrl | None = "https://istio-release.storage.googleapis.com/charts"
    version: str | None = "1.31.1"


class ChaosMeshChart(Chart):
    """Chaos Mesh."""

    chart: str = "chaos-mesh"
    repository: HttpUrl | None = "https://charts.chaos-mesh.org"
    version: str | None = "2.8.3"
