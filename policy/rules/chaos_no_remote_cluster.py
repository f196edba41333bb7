"""Faults stay in the cluster that the stack is about."""

from collections.abc import Iterator

from policy.cel import EVERYWHERE, Check, Validation
from policy.chaos_checks import everywhere
from policy.config import RuleConfig
from policy.experiments import CHAOS, experiments
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CHAOS_VERSION, Kind

REMOTE_CLUSTER = Kind(CHAOS_VERSION, "RemoteCluster")


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No other cluster is declared, and no fault names one."""
    if resource.is_a(REMOTE_CLUSTER):
        yield resource["kind"].finding("no RemoteCluster may be declared; use that cluster's stack")
    for experiment in experiments(resource):
        remote = experiment.spec["remoteCluster"]
        if not remote.missing and remote.text() != "":
            yield remote.finding(f"{remote} is another cluster; use that cluster's stack")


def admission(_: RuleConfig) -> Iterator[Check]:
    """For the API server: each fault, wherever it stands, and the declaration itself."""
    yield everywhere(_expressions)
    yield Check(
        name="declared",
        kinds=(REMOTE_CLUSTER,),
        validations=(Validation("false", "no RemoteCluster may be declared"),),
        reach=EVERYWHERE,
    )


def _expressions(spec: str) -> tuple[Validation, ...]:
    remote = f"{spec}.remoteCluster"
    return (Validation(f"!has({remote}) || {remote} == ''", "remoteCluster must not be set"),)


RULE = ResourceRule(
    id="chaos-no-remote-cluster",
    severity=CRITICAL,
    summary="No fault reaches into another cluster.",
    reason="remoteCluster installs Chaos Mesh over there and injects with the rights of this "
    "cluster's controller: staging could hit production past every rule of production's stack.",
    fix="Remove remoteCluster and declare the experiment in the other cluster's stack.",
    kinds=(*CHAOS, REMOTE_CLUSTER),
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
