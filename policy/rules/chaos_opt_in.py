"""Faults act only in namespaces that say so themselves."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.experiments import CHAOS, experiments
from policy.findings import Finding
from policy.resources import Field, Stack
from policy.rule import HIGH, StackRule
from vocabulary.kinds import NAMESPACE
from vocabulary.labels import CHAOS_INJECT


def check(stack: Stack, _: RuleConfig) -> Iterator[Finding]:
    """Every namespace of the stack that a fault selects carries the annotation."""
    opted = {
        namespace.object_name: namespace["metadata"]["annotations"][CHAOS_INJECT]
        for namespace in stack.of(NAMESPACE)
    }
    for resource in stack.of(*CHAOS):
        for experiment in experiments(resource):
            for selection in experiment.selections:
                for place in selection.selector["namespaces"].items():
                    yield from _judge(place, opted, unclear=stack.unclear(NAMESPACE))


def _judge(place: Field, opted: dict[str | None, Field], *, unclear: bool) -> Iterator[Finding]:
    namespace = place.text()
    if namespace is None or unclear:
        return
    if namespace not in opted:
        yield place.finding(
            f"namespace {namespace} is not part of this stack, so nobody here can have opened it "
            "for faults; choose a namespace of a service with chaos: true"
        )
    elif not opted[namespace].unknown and opted[namespace].text() != "enabled":
        yield place.finding(
            f"namespace {namespace} has not opted in; annotate it {CHAOS_INJECT}: enabled"
        )


RULE = StackRule(
    id="chaos-opt-in",
    severity=HIGH,
    summary="Every namespace that a fault selects has opted in.",
    reason="With the namespace filter on, Chaos Mesh selects nothing elsewhere: the experiment "
    "runs, hits nobody, and looks like a success.",
    fix="Annotate the namespace chaos-mesh.org/inject: enabled, or select another one.",
    kinds=(*CHAOS, NAMESPACE),
    check=check,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, annotations: {chaos-mesh.org/inject: enabled}}
---
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2 * * *
  type: PodChaos
  podChaos:
    action: pod-failure
    mode: one
    duration: 30s
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
