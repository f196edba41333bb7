"""An experiment says for which environment it is meant, and runs nowhere else."""

from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.chaos_checks import FROM_STEP, REACH, variables
from policy.config import RuleConfig
from policy.experiments import CHAOS
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import SCHEDULE
from vocabulary.labels import ENVIRONMENT


class Config(RuleConfig):
    """Which environment this is."""

    environment: str = ""
    """Name of the environment; empty takes the name of the stack."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The label must say this stack's environment."""
    place, here = resource["metadata"]["labels"][ENVIRONMENT], config.environment or resource.stack
    meant = place.text()
    if place.missing:
        yield place.finding(f"no environment is named; label it {ENVIRONMENT}: {here}")
    elif meant is not None and meant != here:
        yield place.finding(f"{place} is meant for another environment; this one is {here}")


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server, where the environment is known."""
    if config.environment:
        label = f"'{ENVIRONMENT}' in object.metadata.labels"
        yield Check(
            kinds=(SCHEDULE,),
            variables=variables(),
            reach=REACH,
            validations=(
                Validation(
                    f"{FROM_STEP} || (has(object.metadata.labels) && {label}"
                    f" && object.metadata.labels['{ENVIRONMENT}'] == {quoted(config.environment)})",
                    f"label {ENVIRONMENT} must be {config.environment}, this cluster's environment",
                ),
            ),
        )


RULE = ResourceRule(
    id="chaos-environment-lock",
    severity=HIGH,
    summary="An experiment carries the label of the environment in which it may run.",
    reason="An experiment written for staging and copied, promoted or applied with the wrong "
    "context must not run in production.",
    fix="Label it platform.brisa/environment with the environment of the stack.",
    kinds=CHAOS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata:
  name: api-pod-failure
  namespace: brisa
  labels: {platform.brisa/environment: prod}
spec:
  schedule: 0 2 * * 1-5
  type: PodChaos
  podChaos: {action: pod-failure, mode: one, duration: 30s, selector: {namespaces: [brisa]}}
""",
)
