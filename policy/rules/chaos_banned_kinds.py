"""Some faults are too dangerous, or undo what they did too badly, to be run at all."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.chaos_checks import REACH, variables
from policy.config import RuleConfig
from policy.experiments import CHAOS, EXPERIMENTS, experiments
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule


class Config(RuleConfig):
    """Which faults."""

    banned: tuple[str, ...] = (
        "KernelChaos",
        "PhysicalMachineChaos",
        "AWSChaos",
        "AzureChaos",
        "GCPChaos",
        "BlockChaos",
        "HTTPChaos",
    )
    """Kinds of experiment that may not be used."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """No fault, alone or embedded, is of a banned kind."""
    for experiment in experiments(resource):
        if experiment.kind in config.banned:
            yield experiment.spec.finding(
                f"{experiment.kind} is not allowed here; use another kind of fault"
            )


def admission(config: Config) -> Iterator[Check]:
    """For the API server: experiments of these kinds are refused."""
    banned = tuple(kind for kind in EXPERIMENTS if kind.kind in config.banned)
    if banned:
        yield Check(
            kinds=banned,
            variables=variables(),
            reach=REACH,
            validations=(Validation("false", "faults of this kind are not allowed here"),),
        )


RULE = ResourceRule(
    id="chaos-banned-kinds",
    severity=HIGH,
    summary="Faults of banned kinds are not used.",
    reason="KernelChaos and the machine and cloud kinds reach far beyond a pod; HTTPChaos does not "
    "inject behind a sidecar and breaks the pod on recovery. JVMChaos leaves its agent in the "
    "process until the pod is restarted: ban it too where that matters.",
    fix="Use PodChaos, NetworkChaos, StressChaos, IOChaos, DNSChaos, TimeChaos or JVMChaos; for "
    "HTTP faults in the mesh, `ops chaos mesh-fault`.",
    kinds=CHAOS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2 * * 1-5
  type: PodChaos
  podChaos: {action: pod-failure, mode: one, duration: 30s, selector: {namespaces: [brisa]}}
""",
)
