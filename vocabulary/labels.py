"""Label and annotation keys, and the labels every object of the platform carries."""

# Recommended Kubernetes labels
NAME = "app.kubernetes.io/name"
PART_OF = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"
PLATFORM = "brisa-platform"

# What pods of a catalogue service carry; routes, access rules and experiments select on it.
APP = "app"
VERSION = "version"

# Istio
INJECTION = "istio-injection"
REVISION = "istio.io/rev"

GATEWAY_NAME = "gateway.istio.io/name-override"
"""Annotation on a Gateway: what the Deployment and the Service are called that istiod makes."""
GATEWAY_ACCOUNT = "gateway.istio.io/service-account"
"""Annotation on a Gateway: the ServiceAccount that its proxy runs as."""

# Kubernetes
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Label that every Namespace has: its name."""

# Pod security admission
POD_SECURITY = "pod-security.kubernetes.io/enforce"
POD_SECURITY_WARN = "pod-security.kubernetes.io/warn"

# Chaos Mesh
CHAOS_INJECT = "chaos-mesh.org/inject"
"""Annotation on a Namespace: experiments may act in it (needs the namespace filter)."""
CHAOS_PAUSE = "experiment.chaos-mesh.org/pause"
CHAOS_ABORT = "workflow.chaos-mesh.org/abort"
"""Annotation on a Workflow: stop it; a pause does nothing to a run under way."""

CHAOS_CLEAN_FINALIZER = "chaos-mesh.chaos-mesh.org/cleanFinalizer"
"""Annotation on an experiment that is being deleted: `forced` gives its records up."""

CHAOS_MANAGED_BY = "managed-by"
"""Label on an experiment or Workflow: the Schedule that started it."""

# Our own, on experiments
ENVIRONMENT = "platform.brisa/environment"
OWNER = "platform.brisa/owner"
HYPOTHESIS = "platform.brisa/hypothesis"
RUNBOOK = "platform.brisa/runbook"
EXPECTED_ALERT = "platform.brisa/expected-alert"
"""Annotation: the alert that a run must set off."""

ABORT_WHEN = "platform.brisa/abort-when"
"""Annotation: the PromQL that stops a run when it finds something."""

TARGET = "platform.brisa/target"
"""Label: the catalogue service an object acts on."""

REPLICAS = "platform.brisa/replicas"
"""Annotation on experiments and circuit breakers: pods of each service, `api=3,web=2`."""

PLAIN_TEXT_UNTIL = "platform.brisa/plain-text-until"
PLAIN_TEXT_REASON = "platform.brisa/plain-text-reason"
"""Annotations on a PeerAuthentication that lets plain text in: until which day, and why."""

METRICS = "platform.brisa/metrics"
"""Annotation on a Telemetry: `off` where the stack has declared that requests are not counted."""

EXPERIMENT = "platform.brisa/experiment"
"""Label: what kind of experiment made it, where Chaos Mesh did not."""

MESH_FAULT = "mesh-fault"
"""Value of the above: a patch of proxies that ends with the Job that it belongs to."""

ONCE = "once"
"""Value of the above: a Schedule that `chaos run` made; it has fired when it is paused."""

ABORTABLE = "platform.brisa/abortable"
"""Annotation on Workflows: there so that Chaos Mesh can add its own, see components.chaos_abort."""

# Our own, on what an operator has stopped: who, when, until when and why, as JSON
SUSPENSION = "platform.brisa/suspension"
PAUSE = "platform.brisa/pause"

# Our own, on what a stack records of itself
RECORD = "platform.brisa/record"
"""Label: which record it is; `release` says what the stack runs and what let it in."""

PROMOTED_BY = "platform.brisa/promoted-by"
"""Annotation: the verdict that let the release in."""

OVERRIDDEN = "platform.brisa/overridden"
"""Annotation: who let the release in without a verdict, and why."""

# Flux
RECONCILE_REQUEST = "reconcile.fluxcd.io/requestedAt"
"""Annotation: reconcile now; handled when `status.lastHandledReconcileAt` has the same value."""

RECONCILE_TIMEOUT = "fluxcd.controlplane.io/reconcileTimeout"

FLUX_SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
"""Label: `disabled` keeps Flux from replacing `${...}` in an object."""

FLUX_PRUNE = "kustomize.toolkit.fluxcd.io/prune"
"""Annotation: `disabled` keeps Flux from deleting an object that is no longer in the repository."""

# Grafana's sidecar
GRAFANA_DASHBOARD = "grafana_dashboard"
GRAFANA_FOLDER = "grafana_folder"

# The Pulumi Kubernetes provider
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
SKIP_AWAIT = "pulumi.com/skipAwait"
PATCH_FORCE = "pulumi.com/patchForce"
"""Annotation: take fields over from whoever else set them."""


def standard_labels(name: str) -> dict[str, str]:
    """The labels of every object the platform creates; `name` says which part it belongs to."""
    return {NAME: name, PART_OF: PLATFORM, MANAGED_BY: "pulumi"}
