"""No experiment and no workflow stands alone in a stack."""

from collections.abc import Iterator

from policy.cel import EVERYWHERE, Check, Validation, listed
from policy.chaos_checks import REACH, variables
from policy.config import RuleConfig
from policy.experiments import CHAOS, EXPERIMENTS
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CHAOS_GROUP, CHAOS_VERSION, SCHEDULE, WORKFLOW, Kind

INSIDES = tuple(
    Kind(CHAOS_VERSION, kind)
    for kind in ("WorkflowNode", "PodNetworkChaos", "PodIOChaos", "PodHttpChaos")
)
"""Kinds by which the controller tells itself and its daemons what to do."""
STATUS_CHECK = Kind(CHAOS_VERSION, "StatusCheck")


class Config(RuleConfig):
    """Who may create experiments in the cluster."""

    controllers: tuple[str, ...] = ("system:serviceaccount:chaos-mesh:chaos-controller-manager",)
    """Users that may create experiments which a Schedule or a Workflow owns: the Chaos Mesh
    controller. Looked at by the API server only."""


def check(resource: Resource, _: Config) -> Iterator[Finding]:
    """Whatever injects at once has no place in a stack."""
    if resource.is_a(*INSIDES):
        yield resource["kind"].finding(
            f"a {resource.kind} is what Chaos Mesh itself works with; make it a Schedule"
        )
    elif not resource.is_a(SCHEDULE):
        yield resource["kind"].finding(
            f"a {resource.kind} runs as soon as it is created; make it a Schedule with a "
            f"wall-clock cron and type {resource.kind}"
        )


def admission(config: Config) -> Iterator[Check]:
    """For the API server: only the controller creates them, and only for an owner."""
    by_controller = f"request.userInfo.username in {listed(config.controllers)}"
    yield Check(
        kinds=(*EXPERIMENTS, WORKFLOW),
        variables=variables(),
        operations=("CREATE",),
        validations=(
            Validation(
                f"{by_controller}"
                " && has(object.metadata.ownerReferences)"
                " && object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller"
                f" && o.apiVersion.startsWith('{CHAOS_GROUP}/')"
                " && o.kind in ['Schedule', 'Workflow', 'WorkflowNode'])",
                "it would run at once: create a Schedule, from which Chaos Mesh creates this",
            ),
        ),
        reach=REACH,
    )
    yield Check(
        name="insides",
        kinds=INSIDES,
        validations=(
            Validation(
                by_controller,
                "only Chaos Mesh itself writes this kind, and acts on it whoever wrote it: create "
                "a Schedule",
            ),
        ),
        reach=EVERYWHERE,
    )
    yield Check(
        name="checks",
        kinds=(STATUS_CHECK,),
        operations=("CREATE",),
        validations=(
            Validation(
                by_controller,
                "it would make the controller ask any address: write it as a step of a Schedule",
            ),
        ),
    )


RULE = ResourceRule(
    id="chaos-only-schedules",
    severity=CRITICAL,
    summary="Faults come from Schedules only, never from a bare experiment or Workflow.",
    reason="Creating an experiment injects it: on `pulumi up`, on every replacement (its spec is "
    "immutable), and again whenever Flux re-creates a deleted one, at any hour.",
    fix="Wrap it in a Schedule with a wall-clock cron inside the low-traffic window.",
    kinds=CHAOS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2 * * *
  type: PodChaos
  podChaos: {action: pod-failure, mode: one, duration: 30s, selector: {namespaces: [brisa]}}
""",
)
