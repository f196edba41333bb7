"""What a workflow needs so that a health check can stop it.

Chaos Mesh notes an abort as an annotation on the Workflow, and fails to when the Workflow has no
annotations at all, as those that a Schedule starts have none: the abort then never happens, and
the faults run on. An admission policy gives every new Workflow one.
"""

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    JSONPatchArgs,
    MatchConditionArgs,
    MatchResourcesArgs,
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding,
    MutatingAdmissionPolicyBindingSpecArgs,
    MutatingAdmissionPolicySpecArgs,
    MutationArgs,
    NamedRuleWithOperationsArgs,
)

from components.objects import TOKEN, metadata
from vocabulary.kinds import CHAOS_GROUP
from vocabulary.labels import ABORTABLE

POLICY = "abortable-workflows.platform.brisa"


class AbortableWorkflows(pulumi.ComponentResource):
    """The admission policy; needs Kubernetes 1.36, `chaos.abortable: false` does without."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"{TOKEN}:chaos_abort:AbortableWorkflows", name, None, opts)
        policy = MutatingAdmissionPolicy(
            f"{name}-policy",
            metadata=metadata(POLICY, None, part="chaos"),
            spec=_policy(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        MutatingAdmissionPolicyBinding(
            f"{name}-binding",
            metadata=metadata(POLICY, None, part="chaos"),
            spec=MutatingAdmissionPolicyBindingSpecArgs(policy_name=POLICY),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def _policy() -> MutatingAdmissionPolicySpecArgs:
    return MutatingAdmissionPolicySpecArgs(
        failure_policy="Fail",
        reinvocation_policy="Never",
        match_constraints=MatchResourcesArgs(
            resource_rules=[
                NamedRuleWithOperationsArgs(
                    api_groups=[CHAOS_GROUP],
                    api_versions=["*"],
                    resources=["workflows"],
                    operations=["CREATE"],
                )
            ]
        ),
        match_conditions=[
            MatchConditionArgs(
                name="without-annotations", expression="!has(object.metadata.annotations)"
            )
        ],
        mutations=[
            MutationArgs(
                patch_type="JSONPatch",
                json_patch=JSONPatchArgs(
                    expression='[JSONPatch{op: "add", path: "/metadata/annotations", '
                    f'value: {{"{ABORTABLE}": "true"}}}}]'
                ),
            )
        ],
    )
