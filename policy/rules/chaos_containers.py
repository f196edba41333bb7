"""A fault inside a container names the container, and it is not the mesh's proxy."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.chaos_checks import everywhere
from policy.config import RuleConfig
from policy.experiments import CHAOS, EXPERIMENTS, Experiment, experiments
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule

PROXIES = ("istio-proxy", "istio-init")
IN_CONTAINER = ("StressChaos", "IOChaos", "TimeChaos", "JVMChaos", "DNSChaos", "BlockChaos")


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Look at every fault that acts in a container."""
    for experiment in experiments(resource):
        names = experiment.spec["containerNames"]
        if _acts_in_container(experiment) and not names.unknown and not names.items():
            yield names.finding(
                "no container is named, so it is the pod's first, which may be a sidecar; name it"
            )
        for name in names.items():
            if name.text() in PROXIES:
                yield name.finding(f"{name} is the mesh's own; name the service's container")


def _acts_in_container(experiment: Experiment) -> bool:
    if experiment.kind == "PodChaos":
        return experiment.spec["action"].text() == "container-kill"
    return experiment.kind in IN_CONTAINER


def admission(_: RuleConfig) -> Iterator[Check]:
    """For the API server: each fault that always acts in a container, wherever it stands."""
    kinds = tuple(kind for kind in EXPERIMENTS if kind.kind in IN_CONTAINER)
    yield everywhere(_expressions, kinds)


def _expressions(spec: str) -> tuple[Validation, ...]:
    names = f"{spec}.containerNames"
    proxies = " || ".join(f"'{proxy}' in {names}" for proxy in PROXIES)
    return (
        Validation(
            f"has({names}) && {names}.size() > 0 && !({proxies})",
            "containerNames must name the service's container",
        ),
    )


RULE = ResourceRule(
    id="chaos-containers",
    severity=MEDIUM,
    summary="A fault inside a container names it, and does not name the mesh's proxy.",
    reason="Chaos Mesh takes the pod's first container when none is named. With injected sidecars "
    "that can be the proxy: the fault then hits the mesh, and the result says nothing about the "
    "service.",
    fix="Write containerNames with the service's own container.",
    kinds=CHAOS,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-cpu-stress, namespace: brisa}
spec:
  schedule: 0 2 * * 1-5
  type: StressChaos
  stressChaos:
    mode: one
    duration: 3m
    containerNames: [api]
    stressors: {cpu: {workers: 1, load: 80}}
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
