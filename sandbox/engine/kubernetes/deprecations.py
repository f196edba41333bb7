"""API versions that Kubernetes has taken away, and what to use instead."""

from typing import Final

from sandbox.engine.kubernetes import tokens
from sandbox.engine.kubernetes.instance import Instance
from sandbox.engine.kubernetes.tokens import Gvk

_REPLACEMENTS: Final = {
    "admissionregistration.k8s.io/v1beta1": "admissionregistration.k8s.io/v1",
    "apiextensions.k8s.io/v1beta1": "apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1beta1": "apiregistration.k8s.io/v1",
    "apps/v1beta1": "apps/v1",
    "apps/v1beta2": "apps/v1",
    "autoscaling/v2beta1": "autoscaling/v2",
    "autoscaling/v2beta2": "autoscaling/v2",
    "batch/v1beta1": "batch/v1",
    "batch/v2alpha1": "batch/v1",
    "certificates.k8s.io/v1beta1": "certificates.k8s.io/v1",
    "coordination.k8s.io/v1beta1": "coordination.k8s.io/v1",
    "discovery.k8s.io/v1beta1": "discovery.k8s.io/v1",
    "events.k8s.io/v1beta1": "events.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1": "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta2": "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta3": "flowcontrol.apiserver.k8s.io/v1",
    "networking.k8s.io/v1beta1": "networking.k8s.io/v1",
    "node.k8s.io/v1beta1": "node.k8s.io/v1",
    "policy/v1beta1": "policy/v1",
    "rbac.authorization.k8s.io/v1alpha1": "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1": "rbac.authorization.k8s.io/v1",
    "scheduling.k8s.io/v1alpha1": "scheduling.k8s.io/v1",
    "scheduling.k8s.io/v1beta1": "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1": "storage.k8s.io/v1",
}
_EXTENSIONS: Final = {
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
}


def replacement(gvk: Gvk) -> str:
    """Return the API version that took the place of a kind's; empty if it is current."""
    if gvk.api_version == "extensions/v1beta1":
        return _EXTENSIONS.get(gvk.kind, "")
    return _REPLACEMENTS.get(gvk.api_version, "")


def warn(instance: Instance, urn: str) -> None:
    """Warn when the program uses an API version that is on its way out."""
    if instance.reachable is None or instance.options.suppress_deprecation_warnings:
        return
    gvk = tokens.gvk_of(urn)
    current = replacement(gvk)
    if current:
        instance.log.warning(
            urn, f"{gvk.api_version}/{gvk.kind} is deprecated by {current}/{gvk.kind}."
        )
