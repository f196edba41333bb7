"""The state of Flux's objects, by whichever of its two exporters the cluster has."""

from dataclasses import dataclass

from observability.promql.expressions import is_, like, select, unlike
from settings.gitops import GitOps
from settings.observability import Observability
from vocabulary import metrics as m

KUSTOMIZATIONS = "Kustomization"
SOURCES = "GitRepository|OCIRepository|Bucket|HelmRepository|HelmChart"

_SUSPENDED = "[Tt]rue"  # the operator writes True, kube-state-metrics true


@dataclass(frozen=True)
class FluxState:
    """An exporter: how it calls the metric, and the label with the object's kind."""

    metric: str
    kind: str

    def objects(self, *matchers: str, kinds: str = "") -> str:
        """One series for each object, always 1; `kinds` is a regular expression."""
        chosen = (like(self.kind, kinds),) if kinds else ()
        return select(self.metric, *chosen, *matchers)

    def unready(self, kinds: str = "") -> str:
        """Objects that are not ready and should be."""
        return self.objects(unlike("ready", "True"), unlike("suspended", _SUSPENDED), kinds=kinds)

    def suspended(self) -> str:
        """Objects that somebody suspended."""
        return self.objects(like("suspended", _SUSPENDED))

    def ready(self) -> str:
        """Objects that are ready."""
        return self.objects(is_("ready", "True"))

    @property
    def identity(self) -> tuple[str, str, str]:
        """Labels that name an object."""
        return ("exported_namespace", self.kind, "name")


OPERATOR = FluxState(m.FLUX_OPERATOR_STATE, "kind")
KUBE_STATE_METRICS = FluxState(m.FLUX_KUBE_STATE, "customresource_kind")


def flux_state(observability: Observability, gitops: GitOps) -> FluxState:
    """The exporter of a stack."""
    chosen = observability.flux_state
    if chosen is None:
        chosen = "operator" if gitops.install == "operator" else "kubeStateMetrics"
    return OPERATOR if chosen == "operator" else KUBE_STATE_METRICS
