"""Schedules keep out of each other's way."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from pydantic import Field as Limit

from policy.config import Duration, RuleConfig
from policy.experiments import experiments
from policy.findings import Finding
from policy.firings import Run, runs
from policy.resources import Resource, Stack
from policy.rule import HIGH, StackRule
from vocabulary.kinds import SCHEDULE
from vocabulary.timing.duration import format_duration

Target = tuple[str, ...]


class Config(RuleConfig):
    """How many faults may be under way."""

    rest: Duration = timedelta(minutes=15)
    """Shortest time between runs of different schedules on one target."""

    max_concurrent: int = Limit(1, ge=1)
    """Schedules that may run at the same time anywhere in the stack."""

    weeks: int = Limit(8, ge=1, le=52)
    """How far ahead firings are looked at."""


def check(stack: Stack, config: Config) -> Iterator[Finding]:
    """Expand every Schedule and compare, per target and all together."""
    schedules = {schedule.reference: schedule for schedule in stack.of(SCHEDULE)}
    expanded = {name: list(runs(s, config.weeks)) for name, s in schedules.items()}
    by_target: dict[Target, list[Run]] = defaultdict(list)
    for name, schedule in schedules.items():
        for target in _targets(schedule):
            by_target[target] += expanded[name]
    reported: set[frozenset[str]] = set()
    for target, found in sorted(by_target.items()):
        for run, following in _too_close(found, config.rest):
            pair = frozenset((run.schedule, following.schedule))
            if pair not in reported:
                reported.add(pair)
                yield schedules[following.schedule]["spec"]["schedule"].finding(
                    f"starts at {following.start:%a %Y-%m-%d %H:%M} UTC on {' '.join(target)}, "
                    f"where {run.schedule} may run until {run.end:%H:%M}; leave "
                    f"{format_duration(config.rest)} between them"
                )
    yield from _crowded(schedules, expanded, reported, config.max_concurrent)


def _targets(schedule: Resource) -> set[Target]:
    found = set()
    for experiment in experiments(schedule):
        for selection in experiment.selections:
            labels = selection.selector["labelSelectors"].entries()
            chosen = sorted(f"{key}={place.text()}" for key, place in labels)
            for namespace in selection.selector["namespaces"].texts():
                found.add((namespace, *chosen))
    return found


def _too_close(found: list[Run], rest: timedelta) -> Iterator[tuple[Run, Run]]:
    latest: Run | None = None
    for run in sorted(found):
        if latest and latest.schedule != run.schedule and run.start - latest.end < rest:
            yield latest, run
        if latest is None or run.end >= latest.end:
            latest = run


def _crowded(
    schedules: dict[str, Resource],
    expanded: dict[str, list[Run]],
    reported: set[frozenset[str]],
    limit: int,
) -> Iterator[Finding]:
    under_way: list[Run] = []
    for run in sorted(run for found in expanded.values() for run in found):
        under_way = [other for other in under_way if other.end > run.start]
        names = {other.schedule for other in under_way} - {run.schedule}
        pairs = {frozenset((run.schedule, name)) for name in names}
        if len(names) >= limit and not pairs & reported:
            reported |= pairs
            yield schedules[run.schedule]["spec"]["schedule"].finding(
                f"starts at {run.start:%a %Y-%m-%d %H:%M} UTC while {', '.join(sorted(names))} may "
                f"still run; no more than {limit} at a time, move one of them"
            )
        under_way.append(run)


RULE = StackRule(
    id="chaos-no-overlap",
    severity=HIGH,
    summary="No two schedules hit one target at once or in close succession.",
    reason="Chaos Mesh looks at each Schedule alone. Two faults at a time cannot be told apart by "
    "whoever judges the outcome, and together they take down what each alone would not.",
    fix="Move one of the schedules; mind how long a workflow may take, the sum of its deadlines.",
    kinds=(SCHEDULE,),
    config=Config,
    check=check,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2 * * 1-5
  type: PodChaos
  podChaos:
    action: pod-failure
    mode: one
    duration: 30s
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
---
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-network-delay, namespace: brisa}
spec:
  schedule: 0 3 * * 1-5
  type: NetworkChaos
  networkChaos:
    action: delay
    mode: one
    duration: 5m
    delay: {latency: 200ms, jitter: 50ms}
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
