"""The policy pack in the cluster, for whatever does not come through Pulumi."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.objects import TOKEN, custom_resource
from policy.admission import Action, Scope, manifests
from vocabulary.kinds import Kind


@dataclass(frozen=True)
class AdmissionPoliciesArgs:
    """What the cluster enforces."""

    configuration: Mapping[str, Any]
    """The stack's policy configuration, `policy/<stack>.json`: the same levels and limits hold in
    the preview and in the cluster."""

    namespaces: tuple[str, ...]
    """The catalogue's namespaces. What is elsewhere is judged only where it carries the platform's
    label, or reaches into one of them."""

    root: str = "istio-system"
    """Istio's root namespace, whose objects hold for the whole mesh."""

    enforcement: Action = "Deny"
    """What a mandatory rule does: `Deny` refuses, `Warn` lets pass with a warning, `Audit` only
    notes it in the audit log. Advisory rules warn at most."""


class AdmissionPolicies(pulumi.ComponentResource):
    """ValidatingAdmissionPolicies and their bindings, one pair for each rule that CEL can say."""

    names: list[str]
    """Names of the policies."""

    def __init__(
        self,
        name: str,
        args: AdmissionPoliciesArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:admission:AdmissionPolicies", name, None, opts)
        self.names = []
        previous: list[pulumi.Resource] = []
        today = datetime.now(UTC).date()
        scope = Scope(args.namespaces, args.root)
        for manifest in manifests(args.configuration, scope, args.enforcement, today):
            kind = Kind(manifest["apiVersion"], manifest["kind"])
            is_binding = kind.kind.endswith("Binding")
            policy = manifest["metadata"]["name"]
            registered = custom_resource(
                f"{name}-{policy}{'-binding' if is_binding else ''}",
                kind,
                ObjectMetaArgs(**manifest["metadata"]),
                manifest["spec"],
                pulumi.ResourceOptions(parent=self, depends_on=previous if is_binding else None),
            )
            previous = [registered]
            if not is_binding:
                self.names.append(policy)
        self.register_outputs({"names": self.names})
