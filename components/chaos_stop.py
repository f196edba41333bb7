"""What stops experiments at the API server: while a ConfigMap says so, nothing new is injected.

The kill switch of the stack is one such ConfigMap; `python -m ops chaos pause-all` makes another.
Pausing alone would not do: whoever creates an experiment, Flux that applies one again, a Schedule
that somebody lets go on, would inject it all the same.
"""

from collections.abc import Collection

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchConditionArgs,
    MatchResourcesArgs,
    NamedRuleWithOperationsArgs,
    ParamKindArgs,
    ParamRefArgs,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingSpecArgs,
    ValidatingAdmissionPolicySpecArgs,
    ValidationArgs,
)
from pulumi_kubernetes.core.v1 import ConfigMap

from components.objects import TOKEN, metadata
from settings.chaos import Chaos
from vocabulary.kinds import CHAOS_EXPERIMENTS, CHAOS_GROUP
from vocabulary.labels import CHAOS_PAUSE
from vocabulary.stop import BY_HAND, KILL_SWITCH, POLICY, SWITCH_BINDING, WHO, WHY

PAUSED = (
    "object.kind == 'Schedule' && has(object.metadata.annotations)"
    f" && '{CHAOS_PAUSE}' in object.metadata.annotations"
    f" && object.metadata.annotations['{CHAOS_PAUSE}'] == 'true'"
)
"""A Schedule that starts nothing may come: an `up` under the kill switch makes such."""


class ChaosStop(pulumi.ComponentResource):
    """The admission policy, its bindings, and the kill switch when it is thrown."""

    def __init__(
        self,
        name: str,
        settings: Chaos,
        namespaces: Collection[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:chaos_stop:ChaosStop", name, None, opts)
        policy = ValidatingAdmissionPolicy(
            f"{name}-policy",
            metadata=metadata(POLICY, None, part="chaos"),
            spec=_policy(namespaces),
            opts=pulumi.ResourceOptions(parent=self),
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[policy])
        _binding(f"{name}-by-hand", POLICY, BY_HAND, settings.namespace, after)
        if settings.kill_switch:
            _binding(f"{name}-switch", SWITCH_BINDING, KILL_SWITCH, settings.namespace, after)
            ConfigMap(
                f"{name}-kill-switch",
                metadata=metadata(KILL_SWITCH, settings.namespace, part="chaos"),
                data={WHO: "the stack", WHY: "its kill switch is on"},
                opts=after,
            )
        self.register_outputs({})


def _policy(namespaces: Collection[str]) -> ValidatingAdmissionPolicySpecArgs:
    catalogue = ", ".join(f"'{namespace}'" for namespace in sorted(namespaces))
    return ValidatingAdmissionPolicySpecArgs(
        failure_policy="Fail",
        param_kind=ParamKindArgs(api_version="v1", kind="ConfigMap"),
        match_constraints=MatchResourcesArgs(
            resource_rules=[
                NamedRuleWithOperationsArgs(
                    api_groups=[CHAOS_GROUP],
                    api_versions=["*"],
                    resources=[
                        "schedules",
                        "workflows",
                        *(kind.lower() for kind in CHAOS_EXPERIMENTS),
                    ],
                    operations=["CREATE"],
                )
            ]
        ),
        match_conditions=[
            MatchConditionArgs(
                name="catalogue", expression=f"object.metadata.namespace in [{catalogue}]"
            )
        ],
        validations=[
            ValidationArgs(
                expression=PAUSED,
                message_expression=(
                    f"'experiments are stopped by ' + params.data['{WHO}'] + ': '"
                    f" + params.data['{WHY}']"
                ),
            )
        ],
    )


def _binding(
    resource: str, name: str, config_map: str, namespace: str, opts: pulumi.ResourceOptions
) -> None:
    ValidatingAdmissionPolicyBinding(
        resource,
        metadata=metadata(name, None, part="chaos"),
        spec=ValidatingAdmissionPolicyBindingSpecArgs(
            policy_name=POLICY,
            param_ref=ParamRefArgs(
                name=config_map, namespace=namespace, parameter_not_found_action="Allow"
            ),
            validation_actions=["Deny", "Audit"],
        ),
        opts=opts,
    )
