"""Flux itself: its namespace, and the controllers by operator, by chart, or not at all.

What Flux then applies is `components.flux`'s concern. Objects of Flux's kinds depend on this
component, so that their definitions exist before them and their controllers outlive them.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.objects import TOKEN, custom_resource, metadata, namespace
from components.release import release
from settings.gitops import FluxInstance, GitOps
from vocabulary import labels
from vocabulary.kinds import FLUX_INSTANCE
from vocabulary.timing.duration import format_duration

_PART = "flux"
_OPERATOR_VALUES: Mapping[str, Any] = {
    # The status page has no login; whoever wants it switches it on together with one.
    "web": {"enabled": False},
    # What it exports is as old as its last report: five minutes, unless told otherwise.
    "reporting": {"interval": "30s"},
}
_OPERATORS_FIELDS = [
    *(f'metadata.labels["{key}"]' for key in (labels.MANAGED_BY, labels.PART_OF, labels.NAME)),
    f'metadata.annotations["{labels.FLUX_PRUNE}"]',
]
"""The operator takes over these fields of its namespace; taking them back would be a quarrel."""
_MENDED_AT_ONCE = """\
- op: add
  path: /spec/template/spec/containers/0/args/-
  value: --feature-gates=CancelHealthCheckOnNewRevision=true
"""
"""A commit that mends what does not get healthy is applied at once, not when that check's time is
up; a patch, as a FluxInstance has no field for it."""
_UNINSTALL_LIMIT = "15m0s"
"""The operator takes down controllers and definitions one after the other, five minutes each."""


class FluxInstall(pulumi.ComponentResource):
    """Flux, installed the way the stack says."""

    namespace: pulumi.Output[str]
    """Where Flux runs, whoever installed it."""

    def __init__(
        self, name: str, settings: GitOps, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TOKEN}:flux_install:FluxInstall", name, None, opts)
        if settings.install != "none":
            child = pulumi.ResourceOptions(parent=self, ignore_changes=_OPERATORS_FIELDS)
            # All of Flux meets the strictest level.
            home = namespace(settings.namespace, child, labels={labels.POD_SECURITY: "restricted"})
            inside = pulumi.ResourceOptions(parent=self, depends_on=[home])
            if settings.install == "operator":
                self._operated(name, settings, inside)
            elif settings.flux_chart:
                release("flux", settings.flux_chart, settings.namespace, {}, inside)
        self.namespace = pulumi.Output.from_input(settings.namespace)
        self.register_outputs({"namespace": self.namespace})

    def _operated(self, name: str, settings: GitOps, inside: pulumi.ResourceOptions) -> None:
        operator = release(
            "flux-operator", settings.operator_chart, settings.namespace, _OPERATOR_VALUES, inside
        )
        limit = format_duration(settings.instance.ready_timeout)
        custom_resource(
            f"{name}-instance",
            FLUX_INSTANCE,
            metadata(
                "flux",  # the only name that the operator accepts
                settings.namespace,
                part=_PART,
                annotations={
                    labels.WAIT_FOR: "condition=Ready",
                    labels.RECONCILE_TIMEOUT: limit,
                },
            ),
            instance_spec(settings.instance),
            pulumi.ResourceOptions(
                parent=self,
                depends_on=[operator],
                custom_timeouts=pulumi.CustomTimeouts(
                    create=limit, update=limit, delete=_UNINSTALL_LIMIT
                ),
            ),
        )


def instance_spec(instance: FluxInstance) -> dict[str, Any]:
    """The FluxInstance's `spec`; sources and Kustomizations are not its business here."""
    distribution = {"version": instance.version, "registry": instance.registry}
    if instance.artifact:
        distribution["artifact"] = instance.artifact
    return {
        "distribution": distribution,
        "components": list(instance.components),
        "cluster": {
            "type": "kubernetes",
            "domain": "cluster.local",
            "multitenant": instance.multitenant,
            "networkPolicy": True,
        },
        "kustomize": {
            "patches": [
                {
                    "target": {"kind": "Deployment", "name": "(kustomize|helm)-controller"},
                    "patch": _MENDED_AT_ONCE,
                }
            ]
        },
        "wait": instance.wait,
    }
