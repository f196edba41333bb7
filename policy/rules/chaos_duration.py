"""Every fault ends by itself, soon."""

from collections.abc import Iterator
from datetime import timedelta

from policy.cel import Check, Validation, listed
from policy.chaos_checks import FROM_STEP, REACH, variables
from policy.config import Duration, RuleConfig
from policy.experiments import CHAOS, EXPERIMENTS, ONE_SHOT, duration_of, experiments
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import SCHEDULE
from vocabulary.timing.duration import format_duration


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
    """For the API server: each fault that stands alone or in a Schedule.

    A step's length is its deadline, and stands in the workflow.
    """
    limit = format_duration(config.longest)
    length = "duration(f.spec.duration)"
    one_shot = f"f.key == 'podChaos' && f.spec.action in {listed(ONE_SHOT)}"
    bounded = (
        f"has(f.spec.duration) && {length} > duration('0s') && {length} <= duration('{limit}')"
    )
    yield Check(
        kinds=(SCHEDULE, *EXPERIMENTS),
        variables=variables(steps=False),
        validations=(
            Validation(
                f"(object.kind != 'Schedule' && {FROM_STEP}) ||"
                f" variables.faults.all(group, group.all(f, ({one_shot}) || ({bounded})))",
                f"duration must be set, positive, and at most {limit}",
            ),
        ),
        reach=REACH,
    )


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
