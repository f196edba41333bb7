"""Between two runs of one schedule the target gets time to recover."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from pydantic import Field as Limit

from policy.config import Duration, RuleConfig
from policy.findings import Finding
from policy.firings import runs
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule
from vocabulary.kinds import SCHEDULE
from vocabulary.timing.duration import format_duration


class Config(RuleConfig):
    """How much time."""

    rest: Duration = timedelta(minutes=30)
    """Shortest time between the end of a run and the start of the next."""

    weeks: int = Limit(8, ge=1, le=52)
    """How far ahead firings are looked at."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Look at each firing and the one after it."""
    for run, following in pairwise(runs(resource, config.weeks)):
        if following.start - run.end < config.rest:
            yield resource["spec"]["schedule"].finding(
                f"the run of {run.start:%a %Y-%m-%d %H:%M} UTC may last until {run.end:%H:%M} and "
                f"the next starts at {following.start:%H:%M}; leave {format_duration(config.rest)} "
                "between them"
            )
            return


RULE = ResourceRule(
    id="chaos-rest-gap",
    severity=MEDIUM,
    summary="A schedule leaves its target time to recover between runs.",
    reason="With concurrencyPolicy Forbid a run that is due is not skipped but started as soon as "
    "the previous one ends, so faults without a gap become one long fault.",
    fix="Fire less often, or shorten the fault.",
    kinds=(SCHEDULE,),
    config=Config,
    check=check,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2,4 * * 1-5
  type: PodChaos
  podChaos: {action: pod-failure, mode: one, duration: 30s, selector: {namespaces: [brisa]}}
""",
)
