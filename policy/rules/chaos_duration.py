"""Every fault ends by itself, soon."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from policy.cel import Check, Validation, listed
from policy.chaos_checks import FROM_STEP, scheduled
from policy.config import Duration, RuleConfig
from policy.experiments import CHAOS, EXPERIMENTS, ONE_SHOT, duration_of, experiments
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from timing.duration import format_duration


class Config(RuleConfig):
    """How long a fault may last."""

    longest: Duration = timedelta(minutes=15)
    """Longest fault, and longest deadline of a workflow step that is one."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Each fault has a duration, in a workflow a deadline, within bounds."""
    for experiment in experiments(resource):
        if experiment.in_workflow and not experiment.spec["duration"].missing:
            yield experiment.spec["duration"].finding(
                "a workflow step takes `deadline`, not duration; move it there"
            )
        if experiment.in_workflow or not experiment.one_shot:
            yield from bounded(experiment.length, config.longest)


def bounded(place: Field, longest: timedelta) -> Iterator[Finding]:
    """A duration must be there, positive, and not above the limit."""
    limit = format_duration(longest)
    if place.missing:
        yield place.finding(f"not set, so the fault never ends; write a duration up to {limit}")
        return
    length = duration_of(place)
    if place.text() is not None and length is None:
        yield place.finding(f"{place} is not a duration; write one up to {limit}, such as 30s")
    elif length is not None and not timedelta(0) < length <= longest:
        yield place.finding(f"{place} is not within 0s and {limit}; shorten it")


def admission(config: Config) -> Iterator[Check]:
    """For the API server: each fault that stands alone or in a Schedule."""
    limit = format_duration(config.longest)
    message = f"duration must be set, positive, and at most {limit}"

    def within(spec: str) -> tuple[Validation, ...]:
        length = f"duration({spec}.duration)"
        expression = (
            f"has({spec}.duration) && {length} > duration('0s') && {length} <= duration('{limit}')"
        )
        return (Validation(expression, message),)

    def pods(spec: str) -> tuple[Validation, ...]:
        one_shot = f"{spec}.action in {listed(ONE_SHOT)}"
        return (Validation(f"{one_shot} || ({within(spec)[0].expression})", message),)

    for name, kinds, expressions in (
        ("pods", tuple(kind for kind in EXPERIMENTS if kind.kind == "PodChaos"), pods),
        ("others", tuple(kind for kind in EXPERIMENTS if kind.kind != "PodChaos"), within),
    ):
        alone = expressions("object.spec")[0]
        # A step's length is its deadline, and stands in the workflow.
        alone = replace(alone, expression=f"{FROM_STEP} || ({alone.expression})")
        yield Check(name=name, kinds=kinds, validations=(alone,))
        for check in scheduled(expressions, kinds, in_steps=False):
            yield replace(check, name=f"{name}-scheduled")


RULE = ResourceRule(
    id="chaos-duration",
    severity=CRITICAL,
    summary="Every fault has a positive duration below the limit.",
    reason="Duration is optional in Chaos Mesh, and its webhook accepts `-5m` and `banana`: a "
    "fault without an end stays until somebody deletes it.",
    fix="Set spec.duration, or `deadline` on a workflow's step.",
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
  podChaos:
    action: pod-failure
    mode: one
    duration: 30s
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
